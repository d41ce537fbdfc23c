import * as tf from "@tensorflow/tfjs";
import { type Cases, unary } from "./battery";

export const functionCases: Cases = {
  Acos: unary((x) => tf.acos(tf.div(x, 4))),
  Acosh: unary((x) => tf.acosh(tf.add(x, 5))),
  Asin: unary((x) => tf.asin(tf.div(x, 4))),
  Asinh: unary(tf.asinh),
  Atan: unary(tf.atan),
  Atanh: unary((x) => tf.atanh(tf.div(x, 4))),
  Cosh: unary(tf.cosh),
  Sinh: unary(tf.sinh),
  Tan: unary((x) => tf.tan(tf.div(x, 3))),
  Expm1: [...unary(tf.expm1), ...unary((x) => tf.expm1(tf.div(x, 1000)))],
  Log1p: [...unary(tf.log1p, [0, 9]), ...unary((x) => tf.log1p(tf.div(x, 1000)))],
};

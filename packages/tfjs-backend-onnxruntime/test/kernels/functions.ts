import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { both, type Cases, unary } from "./battery";

const edges = [0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
const column = (values: number[]) => ({ values, shape: [values.length, 1], dtype: "float32" as const });

export const functionCases: Cases = {
  Atan2: [
    ...both(tf.atan2, "float32"),
    {
      run: (y, x) => tf.atan2(y!, x!),
      inputs: fc.constant([column(edges), { ...column(edges), shape: [6] }]),
    },
  ],
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

import * as tf from "@tensorflow/tfjs";
import { type Cases, reduction, unary } from "./battery";

export const reductionCases: Cases = {
  Sum: reduction(tf.sum, "float32", "int32", "bool"),
  Mean: reduction(tf.mean, "float32"),
  Prod: reduction(tf.prod, "float32", "int32"),
  Max: reduction(tf.max, "float32", "int32"),
  Min: reduction(tf.min, "float32", "int32"),
  All: reduction(tf.all, "bool"),
  Any: reduction(tf.any, "bool"),
  ArgMax: reduction((x, axis) => tf.argMax(x, axis), "float32", "int32"),
  ArgMin: reduction((x, axis) => tf.argMin(x, axis), "float32", "int32"),
  Cumprod: [
    ...reduction((x, axis) => tf.cumprod(x, axis < 0 ? x.rank - 1 : axis), "float32", "int32", "bool"),
    ...unary((x) => tf.cumprod(x, x.rank - 1, true, true)),
    ...unary((x) => tf.cumprod(x, 0, true)),
  ],
  Cumsum: [...unary((x) => tf.cumsum(x, 0)), ...unary((x) => tf.cumsum(x, x.rank - 1, true, true))],
};

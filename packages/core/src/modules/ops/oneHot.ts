import * as tf from "@tensorflow/tfjs";

/** One-hot rows as float32, `[..., depth]`; unlike `tf.oneHot` also for a depth of 1. */
export function oneHot(index: tf.Tensor, depth: number): tf.Tensor {
  if (depth === 1) return index.equal(0).cast("float32").expandDims(-1);
  return tf.oneHot(index, depth).cast("float32");
}

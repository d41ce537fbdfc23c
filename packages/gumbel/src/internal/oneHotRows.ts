import * as tf from "@tensorflow/tfjs";

/** float32 `[...index.shape, classes]`: 1 where the class is the index. (`tf.oneHot` refuses a single class.) */
export function oneHotRows(index: tf.Tensor, classes: number): tf.Tensor {
  const ids = tf.tensor1d(Int32Array.from({ length: classes }, (_, i) => i));
  return tf.cast(tf.equal(tf.expandDims(index, -1), ids), "float32");
}

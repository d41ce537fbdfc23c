import * as tf from "@tensorflow/tfjs";

/** float32 `[...index.shape, classes]`: 1 where the class is the index. */
export function oneHotRows(index: tf.Tensor, classes: number): tf.Tensor {
  // tf.oneHot refuses a single class, and tfjs-wasm's makes integers whatever the type it is asked for.
  const rows = classes === 1 ? tf.equal(tf.expandDims(index, -1), 0) : tf.oneHot(index, classes);
  return tf.cast(rows, "float32");
}

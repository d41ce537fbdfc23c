import * as tf from "@tensorflow/tfjs";

/** The rows of a matrix as plain numbers. */
export function rowsOf(tensor: tf.Tensor): number[][] {
  return tensor.arraySync() as number[][];
}

/** What `compute` returns, and how many tensors it left behind (its own result apart). */
export function leaked(compute: () => tf.Tensor[]): number {
  const before = tf.memory().numTensors;
  const results = compute();
  tf.dispose(results);
  return tf.memory().numTensors - before;
}

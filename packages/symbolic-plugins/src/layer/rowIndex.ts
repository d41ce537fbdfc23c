import * as tf from "@tensorflow/tfjs";

/** 0, 1, ... as a constant int32 tensor of the given shape, times `step`. */
export function counting(count: number, shape: number[], step = 1): tf.Tensor {
  return tf.tensor(
    Int32Array.from({ length: count }, (_, i) => i * step),
    shape,
    "int32",
  );
}

/** int32 `[batch]`: where the chosen candidate of each row stands once `[batch, candidates]` is flat. */
export function rowIndex(index: tf.Tensor1D, candidates: number): tf.Tensor1D {
  const batch = index.shape[0];
  return tf.add(counting(batch, [batch], candidates), index);
}

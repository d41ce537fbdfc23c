import * as tf from "@tensorflow/tfjs";
import { oneHotRows } from "./oneHotRows";

export interface TopRows {
  /** The largest, the second largest, ...: one-hot `[batch, candidates]` each, zero rows once nothing is left. */
  rows: tf.Tensor2D[];
  /** int32 `[batch]` each; 0 once nothing is left. */
  indices: tf.Tensor1D[];
  /** The scores without those, -Infinity in their places. */
  rest: tf.Tensor2D;
}

/** The `count` largest scores of each row, ties to the lowest index. Off the tape. */
export function topRows(scores: tf.Tensor2D, count: number): TopRows {
  const candidates = scores.shape[1];
  const rows: tf.Tensor2D[] = [];
  const indices: tf.Tensor1D[] = [];
  let rest = scores;
  for (let j = 0; j < Math.min(count, candidates); j++) {
    const index = tf.argMax(rest, 1) as tf.Tensor1D;
    const left = tf.cast(tf.greater(tf.max(rest, 1, true), Number.NEGATIVE_INFINITY), "float32");
    const row = tf.mul(oneHotRows(index, candidates), left) as tf.Tensor2D;
    rows.push(row);
    indices.push(index);
    rest = tf.where(tf.greater(row, 0), tf.fill(rest.shape, Number.NEGATIVE_INFINITY), rest) as tf.Tensor2D;
  }
  return { rows, indices, rest };
}

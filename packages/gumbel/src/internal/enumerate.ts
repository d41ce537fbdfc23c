import * as tf from "@tensorflow/tfjs";
import type { LossFunction } from "../estimator";
import { lossOf } from "./lossOf";
import { oneHotRows } from "./oneHotRows";
import { withoutGradient } from "./withoutGradient";

/**
 * The loss at every candidate, `[batch, candidates]`, on the tape. In an empty row all of them are the loss of the
 * zero row; at forbidden candidates of other rows the loss is called as well, and nothing may depend on it.
 *
 * @param some `[batch, 1]`: 1 where the row has an allowed candidate, else 0.
 */
export function enumerateLosses(
  where: string,
  loss: LossFunction,
  some: tf.Tensor2D,
  candidates: number,
): tf.Tensor2D {
  const all = oneHotRows(tf.range(0, candidates, 1, "int32"), candidates);
  const losses = Array.from({ length: candidates }, (_, i) =>
    lossOf(where, loss, tf.mul(some, tf.slice(all, [i, 0], [1, candidates])) as tf.Tensor2D),
  );
  return tf.stack(losses, 1) as tf.Tensor2D;
}

/**
 * sum_i p_i l_i along the rows, without the losses where p is 0 (a forbidden candidate's loss may be NaN); in an empty
 * row the loss of the zero row. Differentiable with regard to both.
 */
export function expectation(probs: tf.Tensor2D, losses: tf.Tensor2D, some: tf.Tensor2D): tf.Tensor1D {
  const first = tf.mul(tf.sub(1, some), oneHotRows(tf.tensor1d([0], "int32"), losses.shape[1]));
  const weights = tf.add(probs, first);
  const [counts] = withoutGradient<[tf.Tensor]>(() => [tf.notEqual(weights, 0)]);
  const counted = tf.where(counts, losses, tf.zerosLike(losses));
  return tf.sum(tf.mul(weights, counted), 1) as tf.Tensor1D;
}

import * as tf from "@tensorflow/tfjs";
import { oneHotRows } from "./oneHotRows";

/** Scores of which only the allowed ones are above -Infinity. */
export interface AllowedScores {
  /** `[batch, candidates]` */
  scores: tf.Tensor2D;
  /** `[batch, 1]`: 1 where the row has an allowed candidate, else 0. */
  some: tf.Tensor2D;
}

/** Adds the noise and replaces what may not be chosen by -Infinity. A NaN counts as allowed, so it is not lost. */
export function allowedScores(logits: tf.Tensor2D, mask?: tf.Tensor2D, noise?: tf.Tensor): AllowedScores {
  const forbidden = tf.fill(logits.shape, Number.NEGATIVE_INFINITY);
  const finite = tf.notEqual(logits, forbidden);
  const allowed = mask === undefined ? finite : tf.logicalAnd(finite, tf.greater(mask, 0));
  const scores = tf.where(allowed, noise === undefined ? logits : tf.add(logits, noise), forbidden);
  const some = tf.max<tf.Tensor2D>(tf.cast(allowed, "float32"), 1, true);
  return { scores: scores as tf.Tensor2D, some };
}

/**
 * softmax(scores / temperature) along the last axis, zero in rows without an allowed candidate. The largest score is
 * taken off before dividing, so that no score times 1 / temperature overflows.
 *
 * @param some 1 where a row of `scores` has an allowed candidate, else 0; the last axis has length 1.
 */
export function softmaxOf<T extends tf.Tensor>(
  { scores, some }: { scores: T; some: tf.Tensor },
  temperature: tf.Scalar,
): T {
  const largest = tf.max(scores, -1, true);
  const peak = tf.where(tf.greater(tf.add(some, tf.zerosLike(largest)), 0), largest, tf.zerosLike(largest));
  const powers = tf.exp(tf.div(tf.sub(scores, peak), temperature));
  const totals = tf.add(tf.sum(powers, -1, true), tf.sub(1, some));
  return tf.div(powers, totals);
}

/**
 * The chosen candidates as one-hot rows, zero rows where there is none, and NaN where the soft sample is NaN: an
 * argmax over NaN would hide it.
 */
export function oneHotOf(index: tf.Tensor1D, some: tf.Tensor2D, soft: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(oneHotRows(index, soft.shape[1]), some), tf.mul(soft, 0)) as tf.Tensor2D;
}

import * as tf from "@tensorflow/tfjs";

/** The logits, with -Infinity in place of what may not be chosen. A NaN counts as allowed, so it is not lost. */
export function allowedScores(logits: tf.Tensor2D, mask?: tf.Tensor2D): tf.Tensor2D {
  if (mask === undefined) return tf.clone(logits);
  const forbidden = tf.fill(logits.shape, Number.NEGATIVE_INFINITY);
  return tf.where(tf.greater(mask, 0), logits, forbidden) as tf.Tensor2D;
}

/** What the rows of scores hold, `[batch, 1]` each. */
export interface RowMarks {
  /** 1 where a score is above -Infinity or NaN, else 0. */
  some: tf.Tensor2D;
  /** The same, and NaN where a score is NaN or +Infinity: an argmax alone would hide it. */
  valid: tf.Tensor2D;
}

export function rowMarks(scores: tf.Tensor2D): RowMarks {
  const valid = tf.minimum(totalOf(tf.exp(centered(scores))), 1) as tf.Tensor2D;
  return { some: tf.cast(tf.notEqual(valid, 0) as tf.Tensor2D, "float32"), valid };
}

/** The scores minus the largest of the row: at most 0. NaN where a score is NaN or +Infinity. */
function centered<T extends tf.Tensor>(scores: T): T {
  return tf.sub(scores, tf.maximum(tf.max(scores, -1, true), LOWEST));
}

/** The least float32: from it, as from any other, -Infinity is infinitely far. */
const LOWEST = -3.4028234663852886e38;

/** Sums of the rows of powers, of which the largest is 1: at least 1, 0 in a row of zeros, or NaN. */
function totalOf<T extends tf.Tensor>(powers: T): T {
  return tf.sum<T>(powers, -1, true);
}

/**
 * softmax(scores / temperature) along the last axis, zero in rows without an allowed candidate. The largest score is
 * taken off before dividing, so that no score times 1 / temperature overflows.
 */
export function softmaxOf<T extends tf.Tensor>(scores: T, temperature: tf.Scalar): T {
  const powers = tf.exp(tf.div(centered(scores), temperature));
  return tf.div(powers, tf.maximum(totalOf(powers), 1));
}

import * as tf from "@tensorflow/tfjs";

/** Scores of which only the allowed ones are above -Infinity. */
export interface AllowedScores {
  /** `[batch, candidates]` */
  scores: tf.Tensor2D;
  /** `[batch, 1]`: 1 where the row has an allowed candidate, else 0. */
  some: tf.Tensor2D;
}

/** Replaces what may not be chosen by -Infinity. A NaN counts as allowed, so it is not lost. */
export function allowedScores(logits: tf.Tensor2D, mask?: tf.Tensor2D): AllowedScores {
  const forbidden = tf.fill(logits.shape, Number.NEGATIVE_INFINITY);
  const scores = mask === undefined ? tf.clone(logits) : tf.where(tf.greater(mask, 0), logits, forbidden);
  return { scores: scores as tf.Tensor2D, some: rowMarks(scores as tf.Tensor2D).some };
}

/** What the rows of scores hold, `[batch, 1]` each. */
export interface RowMarks {
  /** 1 where a score is above -Infinity or NaN, else 0. */
  some: tf.Tensor2D;
  /** The same, and NaN where a score is NaN or +Infinity: an argmax alone would hide it. */
  valid: tf.Tensor2D;
}

export function rowMarks(scores: tf.Tensor2D): RowMarks {
  // At most 0, if only -Infinity; NaN where a score is NaN or infinity was taken off infinity. A maximum alone may
  // pass over NaN.
  const below = tf.exp(tf.sum(centered(scores), 1, true));
  const none = tf.logicalAnd(isForbidden(tf.max(scores, 1, true)), tf.equal(below, below));
  const some = tf.sub(1, tf.cast(none, "float32")) as tf.Tensor2D;
  return { some, valid: tf.add(some, tf.mul(below, 0)) as tf.Tensor2D };
}

/** The scores minus the largest of the row: at most 0. */
function centered<T extends tf.Tensor>(scores: T): T {
  const largest = tf.max(scores, -1, true);
  return tf.sub(scores, tf.where(isForbidden(largest), tf.zerosLike(largest), largest));
}

function isForbidden(scores: tf.Tensor): tf.Tensor {
  return tf.equal(scores, tf.fill(scores.shape, Number.NEGATIVE_INFINITY));
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
  const powers = tf.exp(tf.div(centered(scores), temperature));
  const totals = tf.add(tf.sum(powers, -1, true), tf.sub(1, some));
  return tf.div(powers, totals);
}

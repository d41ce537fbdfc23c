import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { allowedScores, rowMarks, softmaxOf } from "./internal/allowedScores";
import { assertLogits } from "./internal/assertLogits";
import { withGradient } from "./internal/withGradient";
import { withoutGradient } from "./internal/withoutGradient";

export interface MarginalLossOptions {
  /** `[batch, candidates]`, float32: 1 = takes part, 0 = does not. Default: all do. */
  mask?: tf.Tensor2D | undefined;
}

/**
 * Minus the log of the marginal likelihood, -log sum_i pi_i p_i, with pi = softmax(logits) and p_i the likelihood of
 * the target given candidate i. In log space throughout: likelihoods of e^-1000 are fine. The gradient is exact:
 * pi - pi p / <pi, p> for the logits, and minus that second term for the log-likelihoods.
 *
 * @param logits `[batch, candidates]`, float32; -Infinity takes no part.
 * @param logLikelihoods log p_i in nats, `[batch, candidates]`; -Infinity where the target is impossible.
 * @returns `[batch]`; 0 where no candidate takes part, +Infinity where the target is impossible under all that do
 *   (with no gradient in both). The caller disposes it.
 * @throws SymgradError `E_SHAPE` as an estimator's `expectedLoss`, or if the two shapes differ.
 */
export function marginalLoss(
  logits: tf.Tensor2D,
  logLikelihoods: tf.Tensor2D,
  { mask }: MarginalLossOptions = {},
): tf.Tensor1D {
  const name = "marginalLoss";
  assertLogits(name, logits, mask);
  if (logLikelihoods.rank !== 2 || logLikelihoods.shape.some((size, axis) => size !== logits.shape[axis])) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`logLikelihoods\` must have the shape of \`logits\`, [${logits.shape.join(", ")}], got [${logLikelihoods.shape.join(", ")}].`,
    );
  }
  return tf.tidy(() => {
    const [value, prior, posterior] = withoutGradient<[tf.Tensor1D, tf.Tensor2D, tf.Tensor2D]>(() => {
      const allowed = allowedScores(logits, mask);
      const joint = tf.where(
        tf.greater(allowed, Number.NEGATIVE_INFINITY),
        tf.add(logits, logLikelihoods),
        allowed,
      ) as tf.Tensor2D;
      const [some, possible] = [rowMarks(allowed).some, rowMarks(joint).some];
      const one = tf.scalar(1);
      const total = tf.sub(logSumOf(joint), logSumOf(allowed));
      const impossible = tf.sub(some, possible);
      const loss = tf.where(
        tf.greater(impossible, 0),
        tf.fill(total.shape, Number.POSITIVE_INFINITY),
        tf.where(tf.greater(some, 0), tf.neg(total), tf.zerosLike(total)),
      );
      const prior = tf.mul(softmaxOf(allowed, one), possible) as tf.Tensor2D;
      return [tf.reshape(loss, [-1]) as tf.Tensor1D, prior, softmaxOf(joint, one)];
    });
    const ofLogits = withGradient(
      logits,
      () => ({ value: tf.clone(value), saved: [prior, posterior] }),
      (cotangent, [pi, post]) => tf.mul(tf.expandDims(cotangent, 1), tf.sub(pi!, post!)),
    );
    const ofLikelihoods = withGradient(
      logLikelihoods,
      () => ({ value: tf.zeros(value.shape) as tf.Tensor1D, saved: [posterior] }),
      (cotangent, [post]) => tf.neg(tf.mul(tf.expandDims(cotangent, 1), post!)),
    );
    return tf.add(ofLogits, ofLikelihoods);
  });
}

/** log sum exp along the rows, `[batch, 1]`; of no use where all are -Infinity. */
function logSumOf(scores: tf.Tensor2D): tf.Tensor2D {
  const peak = tf.max(scores, 1, true);
  return tf.add(peak, tf.log(tf.sum(tf.exp(tf.sub(scores, peak)), 1, true)));
}

import { logSumExp, maskLogits, oneHot } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

/**
 * Binary cross entropy between the 0/1 vector of right argument tuples and p(z | x) = softmax(scores), summed over the
 * candidates: -sum over i of y_i log p_i + (1 - y_i) log(1 - p_i). A softmax cannot give 1 to several tuples at once, so
 * with several positives it stays above 0.
 *
 * log(1 - p_i) of the most probable candidate is taken from the sum of the others, so that it is exact, and has a
 * gradient, when p_i rounds to 1.
 *
 * @param scores One score per candidate, `[batch, candidates]`, float32.
 * @param mask 1 = a candidate, 0 = padding, float32 `[batch, candidates]`.
 * @param labels 1 = explains the answer, float32 `[batch, candidates]`; only candidates may be 1.
 * @returns Nats, `[batch]`; 0 without a gradient for an example without positives.
 * @see The calculator-reader paper, section 4.
 */
export function binaryCrossEntropyLoss(
  scores: tf.Tensor2D,
  mask: tf.Tensor2D,
  labels: tf.Tensor2D,
): tf.Tensor1D {
  const masked = maskLogits(scores, mask);
  const total = logSumExp(masked);
  const top = oneHot(masked.argMax(-1), scores.shape[1]);
  const others = logSumExp(maskLogits(masked, tf.scalar(1).sub(top)));
  const logProbs = masked.sub(total);
  // Away from the top, p_i is at most 1/2; the top's own entry is emptied before the logarithm and filled afterwards.
  const notTop = tf.scalar(1).sub(top);
  const logOthers = tf.scalar(1).sub(logProbs.exp().mul(notTop)).log().add(others.sub(total).mul(top));
  const negatives = mask.sub(labels);
  const perCandidate = labels.mul(logProbs).add(negatives.mul(logOthers));
  return perCandidate.sum(-1).neg().mul(labels.max(-1)) as tf.Tensor1D;
}

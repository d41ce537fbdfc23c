import { logSumExp, maskLogits } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/**
 * Maximum marginal likelihood over the argument tuples that explain the answer: -log sum over positives i of p(i | x).
 * Several tuples may be right; the model is free to choose among them.
 *
 * @param scores One score per candidate, `[batch, candidates]`, float32.
 * @param mask 1 = a candidate, 0 = padding, float32 `[batch, candidates]`.
 * @param labels 1 = explains the answer, float32 `[batch, candidates]`; only candidates may be 1.
 * @returns Nats, `[batch]`; 0 without a gradient for an example without positives.
 */
export function marginalLikelihoodLoss(
  scores: tf.Tensor2D,
  mask: tf.Tensor2D,
  labels: tf.Tensor2D,
): tf.Tensor1D {
  const all = logSumExp(maskLogits(scores, mask));
  const positives = logSumExp(maskLogits(scores, labels));
  return all.sub(positives).squeeze([-1]).mul(labels.max(-1)) as tf.Tensor1D;
}

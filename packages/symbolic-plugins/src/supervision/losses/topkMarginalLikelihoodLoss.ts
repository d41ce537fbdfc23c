import { logSumExp, maskLogits, oneHot, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { ArgumentLoss } from "./argumentLoss";

/**
 * Marginal likelihood over the `k` consistent tuples that are the most probable now: -log sum over them of p(i | x),
 * ties to the lowest index. Its gradient is p - q, with q the softmax over those tuples alone.
 *
 * @param k At least 1. 1 is hard EM; from the size of the consistent set on it equals `mml`.
 * @returns A loss of `(scores, mask, labels)`, each float32 `[batch, candidates]`, to nats, `[batch]`; 0 without a
 *   gradient for an example without positives. Differentiable once; traceable.
 * @throws SymgradError `E_RANGE` unless `k` is an integer of at least 1.
 */
export function topkMarginalLikelihoodLoss(k: number): ArgumentLoss {
  if (!Number.isInteger(k) || k < 1) {
    throw new SymgradError(
      "E_RANGE",
      `topkMarginalLikelihoodLoss: \`k\` must be an integer of at least 1, got ${k}.`,
    );
  }
  return (scores, mask, labels) =>
    tf.customGrad((...given) => {
      const [logits, save] = given as unknown as [tf.Tensor2D, tf.GradSaveFunc];
      const solved = labels.max(-1, true);
      const all = maskLogits(logits, mask);
      const selected = maskLogits(logits, mostProbable(logits, labels, k));
      const [allTotal, selectedTotal] = [logSumExp(all), logSumExp(selected)];
      const slope = all.sub(allTotal).exp().sub(selected.sub(selectedTotal).exp()).mul(solved);
      save([slope]);
      return {
        value: allTotal.sub(selectedTotal).mul(solved).squeeze([-1]),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.expandDims(-1)),
      };
    })(scores) as tf.Tensor1D;
}

/** 1 for the `k` positives of each row with the largest scores, or for all where there are fewer. */
function mostProbable(scores: tf.Tensor2D, labels: tf.Tensor2D, k: number): tf.Tensor {
  const candidates = scores.shape[1];
  let left: tf.Tensor = labels;
  for (let i = 0; i < Math.min(k, candidates); i++) {
    const top = oneHot(maskLogits(scores, left).argMax(-1), candidates);
    left = left.mul(tf.sub(1, top));
  }
  return labels.sub(left);
}

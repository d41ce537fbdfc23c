import type * as tf from "@tensorflow/tfjs";
import type { SampledEstimator } from "../estimator";
import { detach } from "../internal/detach";
import { draw } from "../internal/draw";
import { lossOf } from "../internal/lossOf";
import { scoreEstimator } from "../internal/scoreEstimator";

/**
 * REINFORCE with the loss of the noise-free choice as its baseline: one more evaluation, nothing to store.
 *
 * Forward: the loss at D ~ softmax(s).
 * Backward: (l(D) - l(one-hot argmax s)) (D - pi), with pi = softmax(s).
 * Bias and variance: unbiased; little variance once the choice is nearly certain.
 *
 * @see Rennie et al. 2017, arXiv:1612.00563, section 3.
 */
export function reinforceSelfCritic(): SampledEstimator {
  const name = "reinforce-self-critic";
  return scoreEstimator(name, {
    samples: 1,
    argmax: true,
    baseline: ({ logits, loss, options }) => {
      const critic = lossOf(name, loss, draw(logits, options.mask).oneHot);
      return [detach(critic) as tf.Tensor1D];
    },
  });
}

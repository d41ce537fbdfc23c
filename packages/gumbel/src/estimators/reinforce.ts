import * as tf from "@tensorflow/tfjs";
import type { SampledEstimator } from "../estimator";
import { scoreEstimator } from "../internal/scoreEstimator";

/**
 * The score function estimator without a baseline.
 *
 * Forward: the loss at D ~ softmax(s).
 * Backward: l(D) (D - pi), with pi = softmax(s).
 * Bias and variance: unbiased for every loss; the variance is large, and grows with the loss's own level.
 *
 * @see Williams 1992, "Simple statistical gradient-following algorithms for connectionist reinforcement learning".
 */
export function reinforce(): SampledEstimator {
  return scoreEstimator("reinforce", { samples: 1, baseline: () => [tf.scalar(0)] });
}

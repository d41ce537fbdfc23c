import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator } from "../estimator";
import { assertPositive } from "../internal/assertCount";
import { oneHotRows } from "../internal/oneHotRows";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface ImleOptions {
  /** Lambda: how far, in nats per unit of slope, the scores are moved against the slope. Above 0. Default 1. */
  step?: number;
}

/**
 * Implicit maximum likelihood: the difference between the choice and the one that a step against the slope would
 * have made under the same noise. No temperature.
 *
 * Forward: D = one-hot argmax(s + G), with G ~ Gumbel(0, 1).
 * Backward: (D - one-hot argmax(s - step * g + G)) / step. (The authors' code does not divide.)
 * Bias and variance: unbiased to first order as the step goes to 0 where the loss is linear, with a variance that
 * grows as 1 / step; a large step trades variance for bias. Often 0, where the step changes no choice.
 *
 * @throws SymgradError `E_RANGE` if the step is not above 0.
 * @see Niepert, Minervini and Franceschi 2021, arXiv:2106.01798, algorithm 1.
 */
export function imle({ step = 1 }: ImleOptions = {}): PathwiseEstimator {
  const name = "imle";
  assertPositive(name, "step", step);
  return straightThroughEstimator(name, 1, {
    saved: ({ oneHot, perturbed, valid }) => [oneHot, perturbed, valid],
    backward: (g, [oneHot, perturbed, valid]) => {
      const target = tf.argMax(tf.sub(perturbed!, tf.mul(step, g)), 1);
      const row = tf.mul(oneHotRows(target, oneHot!.shape[1]!), valid!);
      return tf.div(tf.sub(oneHot!, row), step);
    },
  });
}

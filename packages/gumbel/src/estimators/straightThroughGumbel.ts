import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface StraightThroughGumbelOptions {
  /** Above 0, no unit. Small: little bias, large variance. Large: the other way round. A tensor gets the
   * soft sample's gradient. */
  temperature: Temperature;
}

/**
 * The straight-through Gumbel argmax: an exact sample forward, the soft sample's gradient backward.
 *
 * Forward: one-hot argmax(s + G), with G ~ Gumbel(0, 1).
 * Backward: J(S)^T g / temperature, with S = softmax((s + G) / temperature).
 * Bias and variance: biased; the gradient of `gumbelSoftmax` where the loss is linear in the choice. Variance grows
 * as the temperature falls.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, section 2.2.
 * @example straightThroughGumbel({ temperature: 1 }).choose(tf.tensor2d([[0, 2, 1]]), { key: key(0) }).index;
 */
export function straightThroughGumbel(options: StraightThroughGumbelOptions): PathwiseEstimator {
  return straightThroughEstimator("straight-through-gumbel", options.temperature, {
    saved: ({ perturbed }, temperature) => [softmaxOf(perturbed, temperature), temperature],
    backward: (g, [soft, temperature]) => tf.div(softmaxCotangent(soft!, g), temperature!),
    temperatureGradient: true,
  });
}

import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator } from "../estimator";
import { differenceCotangent } from "../internal/differenceCotangent";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

/**
 * The zero-temperature limit of Gumbel-Rao, in closed form: half straight-through, half DARN. No temperature.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: (J(pi)^T g + <D - pi, g> (D - pi)) / 2, with pi = softmax(s).
 * Bias and variance: unbiased where the loss is quadratic in the choice; identical to ReinMax at temperature 1.
 *
 * @see Shekhovtsov 2023, "Cold analysis of Rao-Blackwellized straight-through Gumbel-softmax gradient estimator",
 *   ICML, section 4.
 */
export function zgr(): PathwiseEstimator {
  return straightThroughEstimator("zgr", 1, {
    saved: ({ probs, oneHot }) => [probs, tf.sub(oneHot, probs)],
    backward: (g, [probs, difference]) =>
      tf.mul(0.5, tf.add(softmaxCotangent(probs!, g), differenceCotangent(difference!, g))),
  });
}

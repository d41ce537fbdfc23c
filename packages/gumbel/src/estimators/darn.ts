import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator } from "../estimator";
import { differenceCotangent } from "../internal/differenceCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

/**
 * REINFORCE with a baseline from the loss's slope at the sample, l(D) - <D - pi, g>. No temperature.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: <D - pi, g> (D - pi), with pi = softmax(s).
 * Bias and variance: unbiased where the loss is linear in the choice; biased elsewhere, even if it is quadratic.
 *
 * @see Gregor, Danihelka, Mnih, Blundell and Wierstra 2014, arXiv:1310.8499; compared in Shekhovtsov 2023, ICML.
 */
export function darn(): PathwiseEstimator {
  return straightThroughEstimator("darn", 1, {
    saved: ({ probs, oneHot }) => [tf.sub(oneHot, probs)],
    backward: (g, [difference]) => differenceCotangent(difference!, g),
  });
}

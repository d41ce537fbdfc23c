import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface ReinmaxOptions {
  /** Of the softmax in the first term; the sample is drawn at temperature 1. Above 0, no unit. Default 1. */
  temperature?: Temperature;
}

/**
 * Straight-through with second-order accuracy (Heun's method), without any second derivative.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: 2 J((p + D) / 2)^T g - J(pi)^T g / 2, with p = softmax(s / temperature) and pi = softmax(s). (The
 * authors' code also takes off the mean over the candidates, which is 0 but for rounding.)
 * Bias and variance: at temperature 1 unbiased where the loss is quadratic in the choice, and identical to ZGR;
 * otherwise less biased than straight-through, with more variance.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Liu, Dong, Liu, Yu and Gao 2023, arXiv:2304.08612, algorithm 2.
 */
export function reinmax({ temperature = 1 }: ReinmaxOptions = {}): PathwiseEstimator {
  return straightThroughEstimator("reinmax", temperature, {
    saved: (drawn, scalar) => [drawn.probs, tf.div(tf.add(softmaxOf(drawn.scores, scalar), drawn.oneHot), 2)],
    backward: (g, [probs, middle]) =>
      tf.sub(tf.mul(2, softmaxCotangent(middle!, g)), tf.mul(0.5, softmaxCotangent(probs!, g))),
  });
}

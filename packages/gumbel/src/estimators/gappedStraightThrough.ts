import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { assertPositive } from "../internal/assertCount";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface GappedStraightThroughOptions {
  /** Above 0, no unit. No gradient flows to it. */
  temperature: Temperature;
  /** How far, in nats, the chosen score is made to stand above every other. Above 0. Default 1. */
  gap?: number;
}

/**
 * Straight-through Gumbel without the noise in the backward pass: the scores are moved just as far as the choice
 * requires.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: J(S)^T g / temperature, with S = softmax((s + m1 - m2) / temperature), m1 = (max s - s) D and
 * m2 = relu(s - max s + gap) (1 - D).
 * Bias and variance: biased, with less variance than straight-through Gumbel, for no further noise is drawn.
 *
 * @throws SymgradError `E_RANGE` if the temperature or the gap is not above 0.
 * @see Fan, Chi, Rudnicky and Ramadge 2022, arXiv:2206.07235, section 3.
 */
export function gappedStraightThrough({
  temperature,
  gap = 1,
}: GappedStraightThroughOptions): PathwiseEstimator {
  const name = "gapped-straight-through";
  assertPositive(name, "gap", gap);
  return straightThroughEstimator(name, temperature, {
    saved: ({ scores, oneHot, some }, scalar) => {
      const shifted = tf.sub(scores, tf.max(scores, 1, true)); // max s is now 0
      const lowered = tf.minimum(shifted, -gap); // s - relu(s + gap)
      const moved = tf.where(tf.greater(oneHot, 0), tf.zerosLike(shifted), lowered);
      const safe = tf.where(tf.equal(tf.add(some, tf.zerosLike(moved)), 0), scores, moved) as tf.Tensor2D;
      return [softmaxOf(safe, scalar), scalar];
    },
    backward: (g, [soft, scalar]) => tf.div(softmaxCotangent(soft!, g), scalar!),
  });
}

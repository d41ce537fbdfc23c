import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface StraightThroughOptions {
  /** Of the softmax that is differentiated; the sample is drawn at temperature 1. Above 0, no unit. Default 1. */
  temperature?: Temperature;
}

/**
 * The plain straight-through estimator: a sample forward, the softmax's gradient without noise backward.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: J(p)^T g / temperature, with p = softmax(s / temperature).
 * Bias and variance: at temperature 1 exact and without variance where the loss is linear in the choice; biased
 * elsewhere, with a variance that comes from g alone.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Bengio, Léonard and Courville 2013, arXiv:1308.3432; for one variable it is the k = 1 case of SIMPLE, Ahmed et
 *   al. 2023, arXiv:2210.01941.
 */
export function straightThrough({ temperature = 1 }: StraightThroughOptions = {}): PathwiseEstimator {
  return straightThroughEstimator("straight-through", temperature, {
    saved: ({ scores }, scalar) => [softmaxOf(scores, scalar), scalar],
    backward: (g, [soft, scalar]) => tf.div(softmaxCotangent(soft!, g), scalar!),
  });
}

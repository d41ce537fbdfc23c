import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { assertCount } from "../internal/assertCount";
import { conditionalScores } from "../internal/conditionalScores";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { straightThroughEstimator } from "../internal/straightThroughEstimator";

export interface GumbelRaoOptions {
  /** Above 0, no unit. No gradient flows to it. */
  temperature: Temperature;
  /** K, the noises drawn anew given the choice. Default 10. */
  samples?: number;
}

/**
 * Straight-through Gumbel with the noise averaged out given the choice (Rao-Blackwell): no further evaluation of the
 * loss, only more noise.
 *
 * Forward: D ~ softmax(s), one-hot.
 * Backward: mean over k of J(S_k)^T g / temperature, with S_k = softmax((s + G_k) / temperature) and G_k drawn from
 * the law of the Gumbel noise given that its argmax is D.
 * Bias and variance: the bias of straight-through Gumbel at the same temperature; the mean squared error is never
 * larger. As the temperature goes to 0 (and K to infinity) it becomes ZGR.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0 or `samples` not an integer of at least 1.
 * @see Paulus, Maddison and Krause 2021, arXiv:2010.04838, section 3.
 */
export function gumbelRao({ temperature, samples = 10 }: GumbelRaoOptions): PathwiseEstimator {
  const name = "gumbel-rao";
  assertCount(name, "samples", samples);
  return straightThroughEstimator(name, temperature, {
    saved: (drawn, scalar, key) => {
      const { scores } = conditionalScores(drawn, key?.fold("given the choice"), key ? samples : 1);
      return [softmaxOf(scores, scalar), scalar];
    },
    backward: (g, [soft, scalar]) =>
      tf.div(tf.mean(softmaxCotangent(soft!, tf.expandDims(g, 1)), 1), scalar!),
  });
}

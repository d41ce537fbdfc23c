import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { assertLogits } from "../internal/assertLogits";
import { draw } from "../internal/draw";
import { pathwise } from "../internal/pathwise";
import { assertTemperature, temperatureTensor } from "../internal/temperature";
import { withSoftmaxGradient } from "../internal/withSoftmaxGradient";
import { withTemperatureGradient } from "../internal/withTemperatureGradient";
import { maskedSoftmax } from "../maskedSoftmax";

export interface GumbelSoftmaxOptions {
  /** Above 0, no unit. Small: near one-hot, noisy gradients. Large: near uniform. A tensor gets its gradient. */
  temperature: Temperature;
}

/**
 * The relaxed one-hot sample and its own gradient. What it multiplies becomes a mixture.
 *
 * Forward: S = softmax((s + G) / temperature), with G ~ Gumbel(0, 1).
 * Backward: J(S)^T g(S) / temperature, with g taken at S.
 * Bias and variance: bias grows and variance falls with the temperature.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, eq. 2; Maddison, Mnih and Teh 2017, arXiv:1611.00712.
 */
export function gumbelSoftmax(options: GumbelSoftmaxOptions): PathwiseEstimator {
  const name = "gumbel-softmax";
  assertTemperature(name, options.temperature);
  return pathwise(name, "kept", (logits, { mask, key, temperature = options.temperature } = {}) => {
    assertLogits(name, logits, mask);
    assertTemperature(name, temperature);
    return tf.tidy(() => {
      const { index, perturbed, some } = draw(logits, mask, key);
      const sample = withSoftmaxGradient(logits, () => {
        const scalar = temperatureTensor(temperature);
        const soft = softmaxOf(perturbed, scalar);
        return { value: soft, soft, temperature: scalar };
      });
      const weights = withTemperatureGradient(sample, temperature, perturbed);
      const empty = tf.sub(1, tf.reshape(some, [-1])) as tf.Tensor1D;
      return { index, weights, probs: maskedSoftmax(logits, { mask }), empty, hard: false };
    });
  });
}

import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "./estimator";
import { allowedScores, softmaxOf } from "./internal/allowedScores";
import { assertLogits } from "./internal/assertLogits";
import { assertTemperature, temperatureTensor } from "./internal/temperature";
import { withSoftmaxGradient } from "./internal/withSoftmaxGradient";

export interface MaskedSoftmaxOptions {
  /** `[batch, candidates]`, float32: 1 = takes part, 0 = does not. Default: all do. */
  mask?: tf.Tensor2D | undefined;
  /** Above 0, no unit. Default 1. No gradient flows to it. */
  temperature?: Temperature | undefined;
}

/**
 * softmax(logits / temperature) over the allowed candidates of each row; where there is none, a row of zeros and not
 * of NaN. Differentiable once, traceable.
 *
 * @param logits Unnormalised log-probabilities in nats, `[batch, candidates]`, float32; -Infinity takes no part.
 * @returns `[batch, candidates]`; each row sums to 1 within 1e-5, or is zero. The caller disposes it.
 * @throws SymgradError `E_SHAPE`, `E_RANGE` as an estimator's `choose`.
 */
export function maskedSoftmax(logits: tf.Tensor2D, options: MaskedSoftmaxOptions = {}): tf.Tensor2D {
  const { mask, temperature = 1 } = options;
  assertLogits("maskedSoftmax", logits, mask);
  assertTemperature("maskedSoftmax", temperature);
  return tf.tidy(() =>
    withSoftmaxGradient(logits, () => {
      const scalar = temperatureTensor(temperature);
      const soft = softmaxOf(allowedScores(logits, mask), scalar);
      return { value: soft, soft, temperature: scalar };
    }),
  );
}

import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator, Temperature } from "../estimator";
import { maskedSoftmax } from "../maskedSoftmax";
import { assertLogits } from "./assertLogits";
import { type Draw, draw } from "./draw";
import { pathwise } from "./pathwise";
import { assertTemperature, temperatureTensor } from "./temperature";
import { withGradient } from "./withGradient";
import { withTemperatureGradient } from "./withTemperatureGradient";

/** How the cotangent of a sample becomes one of the logits. */
export interface BackwardRule {
  /** Off the tape: what the backward pass needs of the forward pass. */
  saved(draw: Draw, temperature: tf.Scalar, key: RandomKey | undefined): tf.Tensor[];
  /** @param cotangent g, `[batch, candidates]`. */
  backward(cotangent: tf.Tensor2D, saved: tf.Tensor[]): tf.Tensor;
  /** Whether a tensor temperature gets the gradient of softmax(perturbed / temperature). Default `false`. */
  temperatureGradient?: boolean;
}

/** An estimator that passes an exact one-hot sample on, and differentiates something else. */
export function straightThroughEstimator(
  name: string,
  ownTemperature: Temperature,
  rule: BackwardRule,
): PathwiseEstimator {
  assertTemperature(name, ownTemperature);
  return pathwise(name, "kept", (logits, { mask, key, temperature = ownTemperature } = {}) => {
    assertLogits(name, logits, mask);
    assertTemperature(name, temperature);
    return tf.tidy(() => {
      const drawn = draw(logits, mask, key);
      const sample = withGradient(
        logits,
        () => {
          const scalar = temperatureTensor(temperature);
          const saved = rule.saved(drawn, scalar, key);
          // A tensor that is not above 0 is NaN here, and reaches the loss.
          const value =
            typeof temperature === "number"
              ? tf.clone(drawn.oneHot)
              : tf.add<tf.Tensor2D>(drawn.oneHot, tf.mul(scalar, 0));
          return { value, saved };
        },
        rule.backward,
      );
      const weights = rule.temperatureGradient
        ? withTemperatureGradient(sample, temperature, drawn.perturbed)
        : sample;
      const empty = tf.sub(1, tf.reshape(drawn.some, [-1])) as tf.Tensor1D;
      return { index: drawn.index, weights, probs: maskedSoftmax(logits, { mask }), empty, hard: true };
    });
  });
}

import * as tf from "@tensorflow/tfjs";
import type { Choice, ChooseOptions, Temperature } from "../estimator";
import { maskedSoftmax } from "../maskedSoftmax";
import { gumbelNoise } from "../noise/gumbelNoise";
import { allowedScores, oneHotOf, softmaxOf } from "./allowedScores";
import { assertLogits } from "./assertLogits";
import { assertTemperature, temperatureTensor } from "./temperature";
import { withoutGradient } from "./withoutGradient";
import { withSoftmaxGradient } from "./withSoftmaxGradient";

/** Perturbs the logits, takes the argmax, and passes on either it (`hard`) or the softmax whose gradient both have. */
export function gumbelChoice(
  name: string,
  hard: boolean,
  logits: tf.Tensor2D,
  ownTemperature: Temperature,
  options: ChooseOptions,
): Choice {
  const { mask, key, temperature = ownTemperature } = options;
  assertLogits(name, logits, mask);
  assertTemperature(name, temperature);
  return tf.tidy(() => {
    const [index, scores, some] = withoutGradient<[tf.Tensor1D, tf.Tensor2D, tf.Tensor2D]>(() => {
      const noise = key === undefined ? undefined : gumbelNoise(key, logits.shape);
      const allowed = allowedScores(logits, mask, noise);
      return [tf.argMax(allowed.scores, 1), allowed.scores, allowed.some];
    });
    const weights = withSoftmaxGradient(logits, () => {
      const scalar = temperatureTensor(temperature);
      const soft = softmaxOf({ scores, some }, scalar);
      return { value: hard ? oneHotOf(index, some, soft) : soft, soft, temperature: scalar };
    });
    const empty = tf.sub(1, tf.reshape(some, [-1])) as tf.Tensor1D;
    return { index, weights, probs: maskedSoftmax(logits, { mask }), empty, hard };
  });
}

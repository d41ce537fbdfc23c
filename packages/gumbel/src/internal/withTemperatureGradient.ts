import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "../estimator";
import { softmaxOf } from "./allowedScores";
import { softmaxCotangent } from "./softmaxCotangent";

/**
 * The same weights, with a gradient for a temperature that is a tensor: that of S = softmax(scores / temperature), so
 * the cotangent g becomes -<J(S)^T g, scores> / temperature^2. It costs nothing where nobody differentiates it.
 */
export function withTemperatureGradient(
  weights: tf.Tensor2D,
  temperature: Temperature,
  scores: tf.Tensor2D,
): tf.Tensor2D {
  if (typeof temperature === "number") return weights;
  const nothing = tf.customGrad((...inputs) => {
    const t = inputs[0] as tf.Scalar;
    (inputs[1] as unknown as tf.GradSaveFunc)([t, scores]);
    const gradFunc = (g: tf.Tensor, saved: tf.Tensor[]) => {
      const [t, scores] = saved as [tf.Scalar, tf.Tensor2D];
      const slopes = softmaxCotangent(softmaxOf(scores, t), g);
      // Centered, and 0 where forbidden: 0 times -Infinity would be NaN.
      const forbidden = tf.equal(scores, tf.fill(scores.shape, Number.NEGATIVE_INFINITY));
      const centered = tf.where(forbidden, tf.zerosLike(scores), tf.sub(scores, tf.max(scores, 1, true)));
      return tf.neg(tf.div(tf.sum(tf.mul(slopes, centered)), tf.square(t)));
    };
    return { value: tf.zeros(scores.shape), gradFunc };
  })(temperature);
  return tf.add(weights, nothing);
}

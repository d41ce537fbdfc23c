import * as tf from "@tensorflow/tfjs";

/** The same values; backward, the gradient times `factor`. Traceable. */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number): T {
  if (factor === 1) return x;
  const scaled = tf.customGrad((...[input]) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (cotangent: tf.Tensor) => tf.mul(cotangent, factor),
  }));
  return scaled(x) as T;
}

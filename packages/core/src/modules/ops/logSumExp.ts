import * as tf from "@tensorflow/tfjs";

/**
 * log(sum(exp(x))) along the last axis, kept as an axis of size 1.
 * Its own gradient, softmax(x), spares the backward pass through the maximum that `tf.logSumExp` subtracts.
 *
 * @param x `[..., n]`, float32, finite.
 * @returns `[..., 1]`.
 */
export function logSumExp(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((input, save) => {
    const values = input as tf.Tensor;
    const largest = values.max(-1, true);
    const result = values.sub(largest).exp().sum(-1, true).log().add(largest);
    (save as tf.GradSaveFunc)([values, result]);
    return {
      value: result,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.sub(saved[1]!).exp().mul(dy),
    };
  })(x);
}

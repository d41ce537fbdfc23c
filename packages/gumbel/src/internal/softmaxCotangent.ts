import * as tf from "@tensorflow/tfjs";

/** J(p)^T g = p * (g - <p, g>) along the last axis, with J the Jacobian of the softmax whose value is p. */
export function softmaxCotangent<T extends tf.Tensor>(probs: T, cotangent: tf.Tensor): T {
  const inner = tf.sum(tf.mul(probs, cotangent), -1, true);
  return tf.mul(probs, tf.sub(cotangent, inner)) as T;
}

import * as tf from "@tensorflow/tfjs";

/** <D - pi, g> (D - pi): the score, weighted by a first-order estimate of the loss's difference from its mean. */
export function differenceCotangent(difference: tf.Tensor, cotangent: tf.Tensor): tf.Tensor {
  return tf.mul(tf.sum(tf.mul(difference, cotangent), -1, true), difference);
}

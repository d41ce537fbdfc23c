import * as tf from "@tensorflow/tfjs";

/** Added to masked logits: exp of it is 0 in float32 beside any real logit, yet a row of nothing else has no NaN. */
export const maskedLogit = -1e9;

/**
 * Adds -1e9 where `mask` is 0. A softmax over a partly masked axis gives masked places exactly 0; over a wholly
 * masked one, equal shares.
 *
 * @param logits Any shape.
 * @param mask 1 = real, 0 = masked; any dtype, a shape that broadcasts to that of `logits`.
 * @returns The broadcast shape.
 */
export function maskLogits(logits: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  return tf.tidy(() => logits.add(tf.sub(1, mask.cast("float32")).mul(maskedLogit)));
}

import * as tf from "@tensorflow/tfjs";
import { withGradient } from "./withGradient";

/**
 * Gives `value` a gradient with regard to the logits beside the gradients it has: a cotangent c of row b adds
 * c * gradient_b to that of the logits of row b.
 *
 * @param value `[batch]`.
 * @param gradient `[batch, candidates]`, taken as a constant.
 */
export function attachGradient(value: tf.Tensor1D, logits: tf.Tensor2D, gradient: tf.Tensor2D): tf.Tensor1D {
  const carrier = withGradient(
    logits,
    () => ({ value: tf.zeros(value.shape) as tf.Tensor1D, saved: [gradient] }),
    (cotangent, [kept]) => tf.mul(tf.expandDims(cotangent, 1), kept!),
  );
  return tf.add(value, carrier);
}

/** A value that says nothing about the logits: tfjs refuses to differentiate one that does not touch them at all. */
export function withZeroGradient(value: tf.Tensor1D, logits: tf.Tensor2D): tf.Tensor1D {
  return attachGradient(value, logits, tf.zeros(logits.shape));
}

import * as tf from "@tensorflow/tfjs";
import { softmaxCotangent } from "./softmaxCotangent";
import { withGradient } from "./withGradient";

/** What the forward pass uses and the backward pass differentiates. */
export interface ForwardAndSoft {
  value: tf.Tensor2D;
  /** S: the softmax whose Jacobian stands in for that of `value`. */
  soft: tf.Tensor2D;
  temperature: tf.Scalar;
}

/**
 * Gives `value` the gradient of softmax(logits / temperature) at S: the cotangent g becomes J(S)^T g / temperature.
 * Nothing flows to the temperature.
 *
 * @param compute Called once, off the tape.
 */
export function withSoftmaxGradient(logits: tf.Tensor2D, compute: () => ForwardAndSoft): tf.Tensor2D {
  return withGradient(
    logits,
    () => {
      const { value, soft, temperature } = compute();
      return { value, saved: [soft, temperature] };
    },
    (g, [soft, temperature]) => tf.div(softmaxCotangent(soft!, g), temperature!),
  );
}

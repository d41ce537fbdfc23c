import * as tf from "@tensorflow/tfjs";

/** What the forward pass uses and the backward pass differentiates. */
export interface ForwardAndSoft {
  value: tf.Tensor2D;
  /** S: the softmax whose Jacobian stands in for that of `value`. */
  soft: tf.Tensor2D;
  temperature: tf.Scalar;
}

/**
 * Gives `value` the gradient of softmax(logits / temperature) at S: the cotangent g becomes J(S)^T g / temperature,
 * with J(S)^T g = S * (g - <S, g>). Nothing flows to the temperature.
 *
 * @param compute Called once, off the tape.
 */
export function withSoftmaxGradient(logits: tf.Tensor2D, compute: () => ForwardAndSoft): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const save = inputs[1] as unknown as tf.GradSaveFunc;
    const { value, soft, temperature } = compute();
    save([soft, temperature]);
    return {
      value,
      gradFunc: (g: tf.Tensor, saved: tf.Tensor[]) => {
        const [s, t] = saved as [tf.Tensor2D, tf.Scalar];
        const inner = tf.sum(tf.mul(s, g), 1, true);
        return tf.div(tf.mul(s, tf.sub(g, inner)), t);
      },
    };
  });
  return operation(logits) as tf.Tensor2D;
}

import * as tf from "@tensorflow/tfjs";

/**
 * A value of the logits whose gradient is written out. `tf.customGrad` with types.
 *
 * @param compute Called once, off the tape. `saved` is kept until the backward pass is over.
 */
export function withGradient<T extends tf.Tensor>(
  logits: tf.Tensor,
  compute: () => { value: T; saved: tf.Tensor[] },
  backward: (cotangent: T, saved: tf.Tensor[]) => tf.Tensor,
): T {
  const operation = tf.customGrad((...inputs) => {
    const save = inputs[1] as unknown as tf.GradSaveFunc;
    const { value, saved } = compute();
    save(saved);
    return { value, gradFunc: (cotangent: tf.Tensor, kept: tf.Tensor[]) => backward(cotangent as T, kept) };
  });
  return operation(logits) as T;
}

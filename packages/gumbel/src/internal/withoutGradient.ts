import * as tf from "@tensorflow/tfjs";

/**
 * Runs `compute` off the gradient tape: its results carry no path back to what they were computed from. tfjs has no
 * stopGradient, and refuses to differentiate a loss that merely touches an argMax or a comparison of the parameters
 * ("gradient function not found"), even where no gradient is wanted.
 *
 * The inside of a custom gradient is off the tape; the results leave it kept, and come back as clones that the
 * surrounding scope owns.
 */
export function withoutGradient<T extends tf.Tensor[]>(compute: () => [...T]): T {
  const kept: tf.Tensor[] = [];
  tf.tidy(() => {
    tf.customGrad(() => {
      kept.push(...compute().map((result) => tf.keep(result)));
      return { value: tf.scalar(0), gradFunc: (dy: tf.Tensor) => dy };
    })(tf.scalar(0));
  });
  return kept.map((result) => {
    const clone = tf.clone(result);
    result.dispose();
    return clone;
  }) as T;
}

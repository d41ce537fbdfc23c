import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { SampledEstimator, StatefulEstimator } from "../estimator";
import { scoreEstimator } from "../internal/scoreEstimator";
import { withoutGradient } from "../internal/withoutGradient";

export interface ReinforceMovingAverageOptions {
  /** The share of the old average that each call keeps. In [0, 1). Default 0.9. */
  decay?: number;
}

/**
 * REINFORCE with the average of the losses of earlier calls as its baseline. The average is a variable that every
 * call with a key updates (after use), also inside `jit`; save it with the other parameters.
 *
 * Forward: the loss at D ~ softmax(s).
 * Backward: (l(D) - b) (D - pi), with b the moving average, 0 at the first call.
 * Bias and variance: unbiased; the variance no longer grows with the loss's level.
 *
 * @throws SymgradError `E_RANGE` if `decay` is not in [0, 1).
 * @see Williams 1992, section 3, "reinforcement baseline"; corrected for its start as in Kingma and Ba 2015.
 */
export function reinforceMovingAverage({
  decay = 0.9,
}: ReinforceMovingAverageOptions = {}): SampledEstimator & StatefulEstimator {
  const name = "reinforce-moving-average";
  if (!(decay >= 0 && decay < 1)) {
    throw new SymgradError("E_RANGE", `${name}: \`decay\` must be in [0, 1), got ${decay}.`);
  }
  const total = tf.variable(tf.scalar(0), false);
  const weight = tf.variable(tf.scalar(0), false);
  const score = scoreEstimator(name, {
    samples: 1,
    baseline: ({ losses, draws }) => {
      const [baseline, newTotal, newWeight] = withoutGradient<[tf.Scalar, tf.Scalar, tf.Scalar]>(() => {
        const [values, some] = [losses[0]!, tf.reshape(draws[0]!.some, [-1])];
        const count = tf.sum(some);
        const mean = tf.div(tf.sum(tf.mul(values, some)), tf.maximum(count, 1));
        const kept = tf.where(tf.greater(count, 0), tf.scalar(decay), tf.scalar(1)); // a batch of empty rows counts for nothing
        const add = (old: tf.Tensor, value: tf.Tensor | number) =>
          tf.add(tf.mul(kept, old), tf.mul(tf.sub(1, kept), value)) as tf.Scalar;
        const started = tf.greater(weight, 0);
        const average = tf.div(total, tf.where(started, weight, tf.onesLike(weight)));
        return [average as tf.Scalar, add(total, mean), add(weight, 1)];
      });
      total.assign(newTotal);
      weight.assign(newWeight);
      return [baseline];
    },
  });
  return {
    ...score,
    parameters: () =>
      new Map([
        ["total", total],
        ["weight", weight],
      ]),
    dispose: () => tf.dispose([total, weight]),
  };
}

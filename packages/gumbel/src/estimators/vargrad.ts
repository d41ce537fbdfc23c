import * as tf from "@tensorflow/tfjs";
import type { SampledEstimator } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { scoreEstimator } from "../internal/scoreEstimator";
import { withoutGradient } from "../internal/withoutGradient";

export interface VargradOptions {
  /** n, the independent samples per row, and so the evaluations of the loss. At least 2. Default 4. */
  samples?: number;
}

/**
 * The gradient of the sampled covariance of loss and log-probability.
 *
 * Forward: the mean loss at D_1 ... D_n ~ softmax(s).
 * Backward: sum over j of (l_j - mean loss) (D_j - pi) / (n - 1), with pi = softmax(s). Divided by n - 1 and not by
 * n, so that it is unbiased; then it is RLOO, sample for sample.
 * Bias and variance: those of RLOO.
 *
 * @throws SymgradError `E_RANGE` if `samples` is not an integer of at least 2.
 * @see Richter, Boustati, Nüsken, Ruiz and Akyildiz 2020, arXiv:2010.10436, section 3.
 */
export function vargrad({ samples = 4 }: VargradOptions = {}): SampledEstimator {
  const name = "vargrad";
  assertCount(name, "samples", samples, 2);
  return scoreEstimator(name, {
    samples,
    // (l_j - mean) n / (n - 1) = l_j - b_j; the estimator itself divides by n.
    baseline: ({ losses }) =>
      withoutGradient<tf.Tensor1D[]>(() => {
        const mean = tf.div(tf.addN(losses), samples);
        const scale = samples / (samples - 1);
        return losses.map((loss) => tf.sub(loss, tf.mul(scale, tf.sub(loss, mean))) as tf.Tensor1D);
      }),
  });
}

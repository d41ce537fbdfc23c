import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator } from "../estimator";
import { assertCount, assertPositive } from "../internal/assertCount";
import { assertLogits } from "../internal/assertLogits";
import { draw } from "../internal/draw";
import { oneHotRows } from "../internal/oneHotRows";
import { pathwise } from "../internal/pathwise";
import { withGradient } from "../internal/withGradient";
import { withoutGradient } from "../internal/withoutGradient";
import { maskedSoftmax } from "../maskedSoftmax";
import { gumbelNoise } from "../noise/gumbelNoise";

export interface PerturbedOptions {
  /** The noise's scale, in nats. Above 0. Default 1. */
  sigma?: number;
  /** M, the noises that are averaged. Default 10. */
  samples?: number;
}

/**
 * The perturbed optimizer: the mean of several noisy choices, differentiable because its expectation is.
 *
 * Forward: mean over m of z_m = one-hot argmax(s + sigma G_m), with G_m ~ Gumbel(0, 1): a mixture.
 * Backward: mean over m of <z_m, g> grad nu(G_m) / sigma, with grad nu(G) = 1 - exp(-G), the slope of minus the
 * noise's log density.
 * Bias and variance: unbiased at sigma 1 where the loss is linear in the choice; elsewhere biased, for the loss sees
 * a mixture. Variance falls as 1 / M, and is large: it grows with g itself, not with g's differences.
 *
 * @throws SymgradError `E_RANGE` if sigma is not above 0 or `samples` not an integer of at least 1.
 * @see Berthet et al. 2020, arXiv:2002.08676, proposition 3.1.
 */
export function perturbed({ sigma = 1, samples = 10 }: PerturbedOptions = {}): PathwiseEstimator {
  const name = "perturbed";
  assertPositive(name, "sigma", sigma);
  assertCount(name, "samples", samples);
  return pathwise(name, "kept", (logits, { mask, key } = {}) => {
    assertLogits(name, logits, mask);
    return tf.tidy(() => {
      const { scores, some, valid } = draw(logits, mask);
      const [batch, candidates] = logits.shape;
      const [choices, slopes, index] = withoutGradient<[tf.Tensor3D, tf.Tensor3D, tf.Tensor1D]>(() => {
        const count = key === undefined ? 1 : samples;
        const noise =
          key === undefined ? tf.zeros([batch, 1, candidates]) : gumbelNoise(key, [batch, count, candidates]);
        const noisy = tf.add(tf.expandDims(scores, 1), tf.mul(sigma, noise));
        const chosen = tf.argMax(noisy, 2);
        const rows = oneHotRows(chosen, candidates);
        const allowed = tf.expandDims(tf.cast(tf.greater(scores, Number.NEGATIVE_INFINITY), "float32"), 1);
        const slope = tf.mul(allowed, tf.div(tf.sub(1, tf.exp(tf.neg(noise))), sigma));
        const first = tf.reshape(tf.slice(chosen, [0, 0], [batch, 1]), [batch]);
        return [
          tf.mul(rows, tf.expandDims(valid, 1)) as tf.Tensor3D,
          slope as tf.Tensor3D,
          first as tf.Tensor1D,
        ];
      });
      const weights = withGradient(
        logits,
        () => ({ value: tf.mean(choices, 1) as tf.Tensor2D, saved: [choices, slopes] }),
        (g, [z, slope]) => tf.mean(tf.mul(tf.sum(tf.mul(z!, tf.expandDims(g, 1)), 2, true), slope!), 1),
      );
      const empty = tf.sub(1, tf.reshape(some, [-1])) as tf.Tensor1D;
      return { index, weights, probs: maskedSoftmax(logits, { mask }), empty, hard: key === undefined };
    });
  });
}

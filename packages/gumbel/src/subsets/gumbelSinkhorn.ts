import { type RandomKey, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { assertTemperature, temperatureTensor } from "../internal/temperature";
import { gumbelNoise } from "../noise/gumbelNoise";

export interface GumbelSinkhornOptions {
  /** Above 0, no unit. Small: near a matching. No gradient flows to it. */
  temperature: Temperature;
  /** Rounds of normalizing rows, then columns. Small temperatures need more. Default 20. */
  iterations?: number;
  /** Draws the noise. Without a key there is none. */
  key?: RandomKey | undefined;
}

/**
 * A relaxed random matching of n things to n places, with its own gradient. Differentiable, traceable.
 *
 * Forward: Sinkhorn((S + G) / temperature), G ~ Gumbel(0, 1): rows and columns normalized in turn, in log space, until
 * the matrix is nearly doubly stochastic.
 * Backward: through the iterations.
 * Bias and variance: as `gumbelSoftmax`: bias grows and variance falls with the temperature.
 *
 * @param logits S, `[batch, n, n]`, finite: entry (i, j) speaks for thing i in place j.
 * @returns `[batch, n, n]`; columns sum to 1, rows nearly. As the temperature goes to 0: the best matching of S + G.
 *   The caller disposes it.
 * @throws SymgradError `E_SHAPE` unless the logits are `[batch, n, n]`; `E_RANGE` if an option is out of range.
 * @see Mena, Belanger, Linderman and Snoek 2018, arXiv:1802.08665.
 */
export function gumbelSinkhorn(logits: tf.Tensor3D, options: GumbelSinkhornOptions): tf.Tensor3D {
  const name = "gumbelSinkhorn";
  const { temperature, iterations = 20, key } = options;
  if (logits.rank !== 3 || logits.shape[1] !== logits.shape[2] || logits.shape[1] === 0) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`logits\` must have shape [batch, n, n], got [${logits.shape.join(", ")}].`,
    );
  }
  assertTemperature(name, temperature);
  assertCount(name, "iterations", iterations);
  return tf.tidy(() => {
    const noisy = key === undefined ? logits : tf.add(logits, gumbelNoise(key, logits.shape));
    let logs: tf.Tensor = tf.div(noisy, temperatureTensor(temperature));
    for (let i = 0; i < iterations; i++) {
      for (const axis of [2, 1]) logs = tf.sub(logs, tf.logSumExp(logs, axis, true));
    }
    return tf.exp(logs) as tf.Tensor3D;
  });
}

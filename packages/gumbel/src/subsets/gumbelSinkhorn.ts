import { type RandomKey, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { oneHotRows } from "../internal/oneHotRows";
import { assertTemperature, temperatureTensor } from "../internal/temperature";
import { withGradient } from "../internal/withGradient";
import { gumbelNoise } from "../noise/gumbelNoise";

export interface GumbelSinkhornOptions {
  /** Above 0, no unit. Small: near a matching. No gradient flows to it. */
  temperature: Temperature;
  /** Rounds of normalizing rows, then columns. Small temperatures need more. Default 20. */
  iterations?: number;
  /** Draws the noise. Without a key there is none. */
  key?: RandomKey | undefined;
  /** `[batch, n, n]`, float32: 1 = thing i may have place j, 0 = it may not. Default: all may. */
  mask?: tf.Tensor3D | undefined;
  /** A matching in value, with the relaxed one's gradient (straight-through). Default `false`. */
  hard?: boolean;
}

/**
 * A relaxed random matching of n things to n places, with its own gradient. Differentiable, traceable.
 *
 * Forward: Sinkhorn((S + G) / temperature), G ~ Gumbel(0, 1): rows and columns normalized in turn, in log space, until
 * the matrix is nearly doubly stochastic. With `hard` the matching that takes its largest entries first, as rows of 0 and
 * 1: the best matching of S + G as the temperature goes to 0.
 * Backward: through the iterations.
 * Bias and variance: as `gumbelSoftmax`: bias grows and variance falls with the temperature.
 *
 * @param logits S, `[batch, n, n]`, finite: entry (i, j) speaks for thing i in place j.
 * @returns `[batch, n, n]`; columns sum to 1, rows nearly. As the temperature goes to 0: the best matching of S + G. 0
 *   where the mask forbids; rows and columns of which all is forbidden are 0, and where what is left has no perfect
 *   matching, rows do not sum to 1. The caller disposes it.
 * @throws SymgradError `E_SHAPE` unless the logits are `[batch, n, n]` and the mask of the same shape; `E_RANGE` if an
 *   option is out of range.
 * @see Mena, Belanger, Linderman and Snoek 2018, arXiv:1802.08665.
 */
export function gumbelSinkhorn(logits: tf.Tensor3D, options: GumbelSinkhornOptions): tf.Tensor3D {
  const name = "gumbelSinkhorn";
  const { temperature, iterations = 20, key, mask, hard = false } = options;
  const { shape } = logits;
  if (logits.rank !== 3 || shape[1] !== shape[2] || shape[1] === 0) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`logits\` must have shape [batch, n, n], got [${shape.join(", ")}].`,
    );
  }
  if (mask !== undefined && !tf.util.arraysEqual(mask.shape, shape)) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`mask\` must have the shape of \`logits\`, [${shape.join(", ")}], got [${mask.shape.join(", ")}].`,
    );
  }
  assertTemperature(name, temperature);
  assertCount(name, "iterations", iterations);
  return tf.tidy(() => {
    const noisy = key === undefined ? logits : tf.add(logits, gumbelNoise(key, shape));
    let logs: tf.Tensor = tf.div(noisy, temperatureTensor(temperature));
    if (mask !== undefined) logs = tf.where(tf.greater(mask, 0), logs, tf.fill(shape, FORBIDDEN));
    for (let i = 0; i < iterations; i++) {
      for (const axis of [2, 1]) logs = tf.sub(logs, tf.logSumExp(logs, axis, true));
    }
    const relaxed = mask === undefined ? tf.exp(logs) : tf.mul(tf.exp(logs), mask);
    return (hard ? straightThrough(relaxed as tf.Tensor3D) : relaxed) as tf.Tensor3D;
  });
}

/** Finite, so that a row of it has a logarithm of its sum. */
const FORBIDDEN = -1e9;

function straightThrough(relaxed: tf.Tensor3D): tf.Tensor3D {
  return withGradient(
    relaxed,
    () => ({ value: greedyMatching(relaxed), saved: [] }),
    (g) => g,
  );
}

/** The largest entry, then the largest in what is left of rows and columns, and so on; nothing where all is 0. */
function greedyMatching(relaxed: tf.Tensor3D): tf.Tensor3D {
  const [batch, n] = relaxed.shape;
  const picks: tf.Tensor3D[] = [];
  let left = relaxed;
  for (let i = 0; i < n; i++) {
    const flat = tf.reshape(left, [batch, n * n]);
    const largest = tf.reshape(oneHotRows(tf.argMax(flat, 1), n * n), [batch, n, n]);
    const pick = tf.mul<tf.Tensor3D>(largest, tf.cast(tf.greater(left, 0), "float32"));
    picks.push(pick);
    const taken = tf.add(tf.sum(pick, 2, true), tf.sum(pick, 1, true));
    left = tf.mul(left, tf.cast(tf.equal(taken, 0), "float32"));
  }
  return tf.addN(picks);
}

import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { SampledEstimator } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { assertLogits } from "../internal/assertLogits";
import { attachGradient, withZeroGradient } from "../internal/attachGradient";
import { draw } from "../internal/draw";
import { lossOf } from "../internal/lossOf";
import { oneHotRows } from "../internal/oneHotRows";
import { topRows } from "../internal/topRows";
import { withoutGradient } from "../internal/withoutGradient";
import { gumbelNoise } from "../noise/gumbelNoise";

export interface TopKTailOptions {
  /** How many of the likeliest candidates are evaluated exactly. Default 5. */
  k?: number;
}

/**
 * The k likeliest candidates exactly, and one sample for all the others: k + 1 evaluations.
 *
 * Forward: sum over the top k of pi_i l(E_i) + pi_rest l(E_x), with x drawn from the others and pi_rest their mass.
 * Backward: sum over the top k of pi_i l_i (E_i - pi) + pi_rest l_x (E_x - pi), with pi = softmax(s).
 * Bias and variance: unbiased; the variance falls with the mass that the top k cover, to none where they are all.
 *
 * @throws SymgradError `E_RANGE` if k is not an integer of at least 1.
 * @see Liu, Regier, Tripuraneni, Jordan and McAuliffe 2019, arXiv:1810.04777, "Rao-Blackwellized stochastic gradients
 *   for discrete distributions".
 */
export function topKTail({ k = 5 }: TopKTailOptions = {}): SampledEstimator {
  const name = "top-k-tail";
  assertCount(name, "k", k);
  return {
    name,
    needs: "sampled",
    sample: (logits, { mask, key } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const drawn = draw(logits, mask);
        if (key === undefined) return [drawn.index];
        const { indices, rest } = topRows(drawn.scores, k);
        return [...indices, tailOf(rest, key).index];
      }),
    expectedLoss: (logits, loss, { mask, key } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const drawn = draw(logits, mask);
        if (key === undefined) return withZeroGradient(lossOf(name, loss, drawn.oneHot), logits);
        const { probs, some } = drawn;
        const points = withoutGradient<tf.Tensor2D[]>(() => {
          const { rows, rest } = topRows(drawn.scores, k);
          return [...rows, tailOf(rest, key).row, restOf(rest)];
        });
        const left = points.pop()!;
        const weights = withoutGradient<tf.Tensor1D[]>(() =>
          points.map((row, j) => {
            const mass = tf.sum(tf.mul(probs, j < points.length - 1 ? row : left), 1);
            return (j === 0 ? tf.add(mass, tf.reshape(tf.sub(1, some), [-1])) : mass) as tf.Tensor1D;
          }),
        );
        const terms = points.map((row, j) => tf.mul(weights[j]!, lossOf(name, loss, row)));
        const [gradient] = withoutGradient<[tf.Tensor2D]>(() => {
          const parts = points.map((row, j) => tf.mul(tf.expandDims(terms[j]!, 1), tf.sub(row, probs)));
          return [tf.mul(tf.addN(parts), some) as tf.Tensor2D];
        });
        return attachGradient(tf.addN(terms) as tf.Tensor1D, logits, gradient);
      }),
  };
}

/** A draw from what is left; a zero row where nothing is. */
function tailOf(rest: tf.Tensor2D, key: RandomKey): { index: tf.Tensor1D; row: tf.Tensor2D } {
  const index = tf.argMax(tf.add(rest, gumbelNoise(key, rest.shape)), 1) as tf.Tensor1D;
  return { index, row: tf.mul(oneHotRows(index, rest.shape[1]), restOf(rest)) as tf.Tensor2D };
}

/** 1 for each candidate that is left. */
function restOf(rest: tf.Tensor2D): tf.Tensor2D {
  return tf.cast(tf.greater(rest, Number.NEGATIVE_INFINITY), "float32") as tf.Tensor2D;
}

import { type RandomKey, SymgradError, uniform } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { ChooseOptions } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { assertLogits } from "../internal/assertLogits";
import { type Draw, draw } from "../internal/draw";
import { topRows } from "../internal/topRows";
import { withGradient } from "../internal/withGradient";
import { withoutGradient } from "../internal/withoutGradient";
import type { SubsetChoice, SubsetEstimator } from "./subsetEstimator";
import { prefixSums, subsetMoments } from "./subsetMoments";

export interface SimpleSubsetOptions {
  /** How many candidates are chosen. */
  k: number;
}

const floor = -1e4; // nats below the row's largest: beyond it float32 knows no probability

/**
 * Exactly k candidates, a subset in proportion to exp(sum of its scores), with exact marginals. No temperature.
 * Costs candidates x k operations, one candidate after the other.
 *
 * Forward: z ~ p(z) = exp(<s, z>) / Z_k over rows of k ones.
 * Backward: Cov(z) g, the Jacobian of the marginals E[z] at s.
 * Bias and variance: exact and without variance where the loss is linear in z; biased elsewhere. For k = 1 it is
 * straight-through.
 *
 * @throws SymgradError `E_RANGE` if k is not an integer of at least 1, later if there are fewer candidates than k.
 * @see Ahmed, Zeng, Niepert and Van den Broeck 2023, arXiv:2210.01941, section 3.
 */
export function simpleSubset({ k }: SimpleSubsetOptions): SubsetEstimator {
  const name = "simple";
  assertCount(name, "k", k);
  const choose = (logits: tf.Tensor2D, { mask, key }: ChooseOptions = {}): SubsetChoice => {
    assertLogits(name, logits, mask);
    const candidates = logits.shape[1];
    if (k > candidates) {
      throw new SymgradError("E_RANGE", `${name}: cannot choose k = ${k} of ${candidates} candidates.`);
    }
    return tf.tidy(() => {
      const drawn = draw(logits, mask);
      const { probs, some } = drawn;
      const weights = withGradient(
        logits,
        () => {
          const { scores, allowed } = boundedScores(drawn);
          const subset = key === undefined ? tf.addN(topRows(drawn.scores, k).rows) : sample(scores, k, key);
          const value = tf.add(tf.mul(subset, allowed), tf.mul(probs, 0)) as tf.Tensor2D; // NaN reaches the loss
          return { value, saved: [scores, allowed] };
        },
        (g, [scores, allowed]) =>
          tf.mul(
            allowed!,
            subsetMoments(scores as tf.Tensor2D, k, tf.mul(g, allowed!) as tf.Tensor2D).covariance,
          ),
      );
      return { weights, empty: tf.sub(1, tf.reshape(some, [-1])) as tf.Tensor1D };
    });
  };
  return { name, k, choose };
}

/**
 * The probability of each candidate to be among the k: E[z] under {@link simpleSubset}'s distribution.
 *
 * @param logits `[batch, candidates]`.
 * @returns `[batch, candidates]`; rows sum to k. No gradient. The caller disposes it.
 * @throws SymgradError as {@link simpleSubset}.
 */
export function subsetMarginals(
  logits: tf.Tensor2D,
  { k, mask }: SimpleSubsetOptions & { mask?: tf.Tensor2D },
): tf.Tensor2D {
  assertLogits("subsetMarginals", logits, mask);
  assertCount("subsetMarginals", "k", k);
  if (k > logits.shape[1]) {
    throw new SymgradError(
      "E_RANGE",
      `subsetMarginals: cannot choose k = ${k} of ${logits.shape[1]} candidates.`,
    );
  }
  return tf.tidy(() => {
    const drawn = draw(logits, mask);
    return withoutGradient<[tf.Tensor2D]>(() => {
      const { scores, allowed } = boundedScores(drawn);
      return [tf.mul(subsetMoments(scores, k, tf.zerosLike(scores)).marginals, allowed) as tf.Tensor2D];
    })[0];
  });
}

/** Scores from 0 downwards, all finite; forbidden candidates are chosen last, and then do not count. */
function boundedScores({ scores, some }: Draw): { scores: tf.Tensor2D; allowed: tf.Tensor2D } {
  const peak = tf.where(tf.greater(some, 0), tf.max(scores, 1, true), tf.zerosLike(some));
  const allowed = tf.cast(tf.greater(scores, Number.NEGATIVE_INFINITY), "float32") as tf.Tensor2D;
  return { scores: tf.maximum(tf.sub(scores, peak), floor), allowed };
}

/** From the last candidate back: it is one of the j that are still to be chosen with its exact probability. */
function sample(scores: tf.Tensor2D, k: number, key: RandomKey): tf.Tensor2D {
  const [batch, candidates] = scores.shape;
  const random = uniform(key, [batch, candidates]);
  const { logSums } = prefixSums(scores, k, tf.zerosLike(scores));
  const column = (x: tf.Tensor, i: number) => tf.slice(x, [0, i], [batch, 1]);
  const counts = tf.range(0, k + 1, 1, "float32");
  let open: tf.Tensor = tf.fill([batch, 1], k);
  const chosen: tf.Tensor[] = [];
  for (let i = candidates - 1; i >= 0; i--) {
    const at = (sums: tf.Tensor, count: tf.Tensor) =>
      tf.sum(tf.mul(sums, tf.cast(tf.equal(counts, count), "float32")), 1, true);
    const withIt = tf.add(at(logSums[i]!, tf.sub(open, 1)), column(scores, i));
    const probability = tf.exp(tf.sub(withIt, at(logSums[i + 1]!, open)));
    const taken = tf.mul(
      tf.cast(tf.less(column(random, i), probability), "float32"),
      tf.cast(tf.greater(open, 0), "float32"),
    );
    chosen.unshift(taken);
    open = tf.sub(open, taken);
  }
  return tf.concat(chosen, 1) as tf.Tensor2D;
}

import { type RandomKey, SymgradError } from "@symgrad/core";
import { type Choice, maskedSoftmax } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import type { Prepared } from "../layer/prepare";
import type { ResultTokens } from "../layer/resultTokens";
import type { ApplyOptions, SymbolicLayer } from "../layer/symbolicLayer";

export interface GradcheckOptions extends Pick<ApplyOptions, "temperature"> {
  /** `[batch, candidates]`, float32, as for `layer.expectedLoss`. */
  scores: tf.Tensor2D;
  /** All candidates, none pruned or left out. */
  prepared: Prepared;
  /** What comes after the layer: losses `[batch]`, example by example. Called for every candidate and at every draw. */
  loss: (tokens: ResultTokens) => tf.Tensor1D;
  /** Draws the noise. */
  key: RandomKey;
  /** Noise draws. Default 100. */
  draws?: number;
}

/** An estimator's gradient to the scores against the exact one. Relative numbers are in units of the exact norm. */
export interface GradcheckReport {
  readonly estimator: string;
  readonly draws: number;
  /** d E[loss] / d scores by enumeration, `[batch][candidates]`, of the loss's sum over the batch. */
  readonly exact: number[][];
  /** The mean of the estimator's gradients over the draws. */
  readonly mean: number[][];
  /** |mean - exact| / |exact|: with few draws still partly noise, see `standardError`. */
  readonly bias: number;
  /** Root of the mean squared distance of a draw from the mean, over |exact|. */
  readonly standardDeviation: number;
  /** standardDeviation / sqrt(draws): how far off the bias may be by chance. */
  readonly standardError: number;
  /** Mean cosine between a draw's gradient and the exact one; draws without a gradient count 0. */
  readonly cosine: number;
}

/**
 * Compares the gradient that a layer's estimator gives its scores with the exact gradient of the expected loss,
 * J(pi)^T f with pi = softmax(scores) and f_i the loss at candidate i, by running the loss for every candidate. What
 * the numbers of an estimator are on one's own model: its bias, its noise, its direction.
 *
 * @throws SymgradError `E_RANGE` unless `draws` is an integer of at least 2, or if the exact gradient is 0: nothing to
 *   compare with; `E_SHAPE` if `loss` does not give `[batch]`.
 */
export function gradcheck(layer: SymbolicLayer, options: GradcheckOptions): GradcheckReport {
  const { draws = 100, scores, prepared, key, temperature, loss } = options;
  if (!Number.isInteger(draws) || draws < 2) {
    throw new SymgradError("E_RANGE", `gradcheck: \`draws\` must be an integer of at least 2, got ${draws}.`);
  }
  const exact = exactGradient(layer, options);
  const size = norm(exact);
  if (!(size > 0)) {
    throw new SymgradError("E_RANGE", `gradcheck: the exact gradient is ${size}; nothing to compare with.`, {
      hint: "the loss must depend on the choice: look at the scores, the mask and what reads the tokens",
    });
  }
  const samples = Array.from({ length: draws }, (_, draw) =>
    valuesOf(() => {
      const sampled = (s: tf.Tensor) =>
        tf.sum(
          layer.expectedLoss(s as tf.Tensor2D, prepared, (tokens) => losses(loss(tokens), scores), {
            key: key.fold(draw),
            temperature,
          }),
        );
      return tf.grad(sampled)(scores);
    }),
  );
  const mean = exact.map((_, i) => samples.reduce((sum, sample) => sum + sample[i]!, 0) / draws);
  const distance = (a: Float64Array, b: Float64Array) => norm(a.map((value, i) => value - b[i]!));
  const variance = samples.reduce((sum, sample) => sum + distance(sample, mean) ** 2, 0) / draws;
  const standardDeviation = Math.sqrt(variance) / size;
  const cosine = samples.reduce((sum, sample) => {
    const length = norm(sample);
    return length === 0
      ? sum
      : sum + exact.reduce((dot, value, i) => dot + value * sample[i]!, 0) / (length * size);
  }, 0);
  return {
    estimator: layer.estimator.name,
    draws,
    exact: rowsOf(exact, scores),
    mean: rowsOf(mean, scores),
    bias: distance(mean, exact) / size,
    standardDeviation,
    standardError: standardDeviation / Math.sqrt(draws),
    cosine: cosine / draws,
  };
}

/** pi_i (f_i - sum_j pi_j f_j), flat `[batch * candidates]`. */
function exactGradient(layer: SymbolicLayer, { scores, prepared, loss }: GradcheckOptions): Float64Array {
  return valuesOf(() => {
    const { mask } = prepared.inputs;
    const [batch, candidates] = mask.shape;
    const probs = maskedSoftmax(scores, { mask });
    const perCandidate = Array.from({ length: candidates }, (_, candidate) =>
      losses(loss(layer.read(certain(candidate, probs, mask), prepared)), scores),
    );
    const f = tf.where(tf.greater(probs, 0), tf.stack(perCandidate, 1), tf.zeros([batch, candidates]));
    const expected = tf.sum(tf.mul(probs, f), 1, true);
    return tf.mul(probs, tf.sub(f, expected));
  });
}

/** The values of a tensor, leaving nothing behind. */
function valuesOf(compute: () => tf.Tensor): Float64Array {
  return Float64Array.from(tf.tidy(() => compute().dataSync()));
}

/** Every row chooses this candidate. */
function certain(candidate: number, probs: tf.Tensor2D, mask: tf.Tensor2D): Choice {
  const [batch, candidates] = probs.shape;
  const row = Float32Array.from({ length: candidates }, (_, i) => (i === candidate ? 1 : 0));
  return {
    index: tf.fill([batch], candidate, "int32"),
    weights: tf.tile(tf.tensor2d(row, [1, candidates]), [batch, 1]),
    probs,
    empty: tf.sub(1, tf.max(mask, 1)),
    hard: true,
  };
}

function losses(given: tf.Tensor1D, scores: tf.Tensor2D): tf.Tensor1D {
  if (given.rank === 1 && given.shape[0] === scores.shape[0]) return given;
  throw new SymgradError(
    "E_SHAPE",
    `gradcheck: \`loss\` must give [batch] = [${scores.shape[0]}], got [${given.shape.join(", ")}].`,
    { hint: "leave the mean over the batch out" },
  );
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function rowsOf(flat: Float64Array, { shape }: tf.Tensor2D): number[][] {
  return Array.from({ length: shape[0] }, (_, row) =>
    Array.from(flat.subarray(row * shape[1], (row + 1) * shape[1])),
  );
}

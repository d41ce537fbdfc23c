import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "./withoutGradient";

/** The parameters of a categorical distribution: logits or probs, one of them. */
export interface CategoricalOptions {
  /** Unnormalized log-probabilities in nats, `[...batch, classes]`, float32. -Infinity forbids a class. */
  logits?: tf.Tensor | undefined;
  /** Probabilities up to a factor, `[...batch, classes]`, float32, at least 0. 0 forbids a class. */
  probs?: tf.Tensor | undefined;
  /** A shape that broadcasts to that of the parameters: 1 = may be drawn, 0 = may not. Default: all may. */
  mask?: tf.Tensor | undefined;
}

/** Scores whose forbidden entries are 0 instead of -Infinity, so that nothing computed from them is NaN. */
export interface CategoricalLogits {
  /** `[...batch, classes]`, differentiable. */
  scores: tf.Tensor;
  /** float32 of the same shape: 1 where the class may be drawn. */
  allowed: tf.Tensor;
}

/** @throws SymgradError `E_SHAPE` unless exactly one of logits and probs is given, with a last axis of classes. */
export function assertCategorical(name: string, { logits, probs }: CategoricalOptions): tf.Tensor {
  const given = logits ?? probs;
  if (given === undefined || (logits !== undefined && probs !== undefined)) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: give \`logits\` or \`probs\`, one of them; got ${given === undefined ? "neither" : "both"}.`,
    );
  }
  if (given.rank === 0 || given.shape.at(-1) === 0) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: the parameters must have shape [...batch, classes] with at least one class, got [${given.shape.join(", ")}].`,
    );
  }
  return given;
}

export function categoricalLogits({ logits, probs, mask }: CategoricalOptions): CategoricalLogits {
  const given = (logits ?? probs)!;
  const forbidden = tf.scalar(logits === undefined ? 0 : Number.NEGATIVE_INFINITY);
  const [allowed] = withoutGradient<[tf.Tensor]>(() => {
    const possible = tf.notEqual(given, forbidden); // NaN is, so that it is not lost
    return [tf.cast(mask === undefined ? possible : tf.logicalAnd(possible, tf.greater(mask, 0)), "float32")];
  });
  const may = tf.cast(allowed, "bool");
  if (logits !== undefined) return { scores: tf.where(may, logits, tf.zerosLike(logits)), allowed };
  return { scores: tf.log(tf.where(may, given, tf.onesLike(given))), allowed };
}

/** A categorical distribution along the last axis. */
export interface Normalized {
  /** Zeros in a row of which nothing is allowed. */
  probs: tf.Tensor;
  /** Logarithms of the probabilities; 0 where a class is forbidden. */
  finiteLogProbs: tf.Tensor;
}

/**
 * Softmax of scores / temperature over the allowed classes, and its logarithm, both differentiable with regard to the
 * scores and the temperature. The largest score is taken off before dividing, so that no score over a small temperature
 * overflows.
 */
export function normalize({ scores, allowed }: CategoricalLogits, temperature?: tf.Scalar): Normalized {
  const may = tf.cast(allowed, "bool");
  const [peak, none] = withoutGradient<[tf.Tensor, tf.Tensor]>(() => {
    const lowest = tf.fill(scores.shape, Number.NEGATIVE_INFINITY);
    const some = tf.max(allowed, -1, true);
    const highest = tf.max(tf.where(may, scores, lowest), -1, true);
    return [tf.where(tf.greater(some, 0), highest, tf.zerosLike(highest)), tf.sub(1, some)];
  });
  const centered = tf.sub(scores, peak);
  const scaled = temperature === undefined ? centered : tf.div(centered, temperature);
  const shifted = tf.where(may, tf.maximum(scaled, LOWEST), tf.zerosLike(scaled));
  const powers = tf.mul(tf.exp(shifted), allowed);
  const total = tf.add(tf.sum(powers, -1, true), none);
  return {
    probs: tf.div(powers, total),
    finiteLogProbs: tf.mul(tf.sub(shifted, tf.log(total)), allowed),
  };
}

/** Instead of -Infinity for the difference of two logits beyond float32; its product with probability 0 is 0. */
const LOWEST = -3e38;

/** `finite` where allowed, -Infinity elsewhere. */
export function withForbidden(finite: tf.Tensor, allowed: tf.Tensor): tf.Tensor {
  return tf.where(tf.cast(allowed, "bool"), finite, tf.fill(finite.shape, Number.NEGATIVE_INFINITY));
}

import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { gumbelNoise } from "../noise/gumbelNoise";
import type { Draw } from "./draw";

/** Perturbed scores drawn from their law given the choice. */
export interface ConditionalScores {
  /** `[batch, samples, candidates]`: the chosen candidate has the largest of each row. */
  scores: tf.Tensor3D;
  /**
   * d score_i / d s_i for candidates that were not chosen, 0 for the chosen one. The rest of the derivative goes
   * through log Z: d score_i / d s_j = (1 - slope_i) pi_j + [i = j] slope_i. `[batch, samples, candidates]`.
   */
  slopes: tf.Tensor3D;
}

/**
 * s + G given argmax(s + G) = b, up to a constant per row: -log E_b + log Z for the chosen one, and
 * -logaddexp(log E_i - s_i, log E_b - log Z) for the others, with E ~ Exp(1) and Z = sum exp(s). Off the tape.
 *
 * @see Maddison, Tarlow and Minka 2014, arXiv:1411.0030; Tucker et al. 2017, arXiv:1703.07370, appendix C.
 */
export function conditionalScores(
  { scores, oneHot, some }: Draw,
  key: RandomKey | undefined,
  samples: number,
): ConditionalScores {
  const [batch, candidates] = scores.shape;
  const shape: [number, number, number] = [batch, samples, candidates];
  const gumbel = key === undefined ? tf.zeros(shape) : gumbelNoise(key, shape); // -log E
  const peak = tf.where(tf.greater(some, 0), tf.max(scores, 1, true), tf.zerosLike(some));
  const shifted = tf.sub(scores, peak);
  const logZ = tf.log(tf.add(tf.sum(tf.exp(shifted), 1, true), tf.sub(1, some)));
  const chosen = tf.expandDims(oneHot, 1);
  const top = tf.add(tf.sum(tf.mul(gumbel, chosen), 2, true), tf.expandDims(logZ, 1));
  const own = tf.add(gumbel, tf.expandDims(shifted, 1));
  // -logaddexp(-own, -top), without a difference of infinities where own is -Infinity.
  const gap = tf.sub(top, own);
  const rest = tf.sub(tf.minimum(own, top), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(gap))))));
  const isChosen = tf.greater(tf.add(chosen, tf.zeros(shape)), 0);
  return {
    scores: tf.where(isChosen, tf.add(top, tf.zeros(shape)), rest) as tf.Tensor3D,
    slopes: tf.where(isChosen, tf.zeros(shape), tf.sigmoid(gap)) as tf.Tensor3D,
  };
}

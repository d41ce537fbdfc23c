import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { logGammaOfOnePlus } from "../internal/logGammaOfOnePlus";
import { withoutGradient } from "../internal/withoutGradient";
import { Categorical } from "./categorical";
import { EULER_GAMMA, Gumbel } from "./gumbel";
import { OneHotCategorical } from "./oneHotCategorical";

/**
 * The Kullback-Leibler divergence E_p[log p(x) - log q(x)] in nats, in closed form, differentiable in both:
 * `[...batch]`, the batches broadcast. +Infinity where p allows a class that q forbids.
 *
 * @throws SymgradError `E_SHAPE` if the numbers of classes differ.
 * @see Gumbel: Gil, Alajaji and Linder 2013, "Renyi divergence measures for commonly used univariate continuous
 *   distributions", Information Sciences 249.
 */
export function klDivergence(p: Categorical, q: Categorical): tf.Tensor;
export function klDivergence(p: OneHotCategorical, q: OneHotCategorical): tf.Tensor;
export function klDivergence(p: Gumbel, q: Gumbel): tf.Tensor;
export function klDivergence(
  p: Categorical | OneHotCategorical | Gumbel,
  q: Categorical | OneHotCategorical | Gumbel,
): tf.Tensor {
  if (p instanceof Gumbel && q instanceof Gumbel) return tf.tidy(() => ofGumbels(p, q));
  if (p instanceof Categorical && q instanceof Categorical) return tf.tidy(() => ofCategoricals(p, q));
  if (p instanceof OneHotCategorical && q instanceof OneHotCategorical) {
    return tf.tidy(() => ofCategoricals(p.categorical, q.categorical));
  }
  throw new SymgradError(
    "E_SHAPE",
    `klDivergence: wanted two distributions of one kind, got ${p.constructor.name} and ${q.constructor.name}.`,
  );
}

function ofCategoricals(p: Categorical, q: Categorical): tf.Tensor {
  if (p.classes !== q.classes) {
    throw new SymgradError("E_SHAPE", `klDivergence: p has ${p.classes} classes, q has ${q.classes}.`);
  }
  const ours = p.normalized();
  const theirs = q.normalized();
  const [possible] = withoutGradient<[tf.Tensor]>(() => {
    const outside = tf.sum(tf.mul(ours.probs, tf.sub(1, theirs.allowed)), -1);
    return [tf.lessEqual(outside, 0)];
  });
  const sum = tf.sum(tf.mul(ours.probs, tf.sub(ours.finiteLogProbs, theirs.finiteLogProbs)), -1);
  return tf.where(possible, sum, tf.fill(sum.shape, Number.POSITIVE_INFINITY));
}

function ofGumbels(p: Gumbel, q: Gumbel): tf.Tensor {
  const [a, b] = [p.scale, q.scale];
  const ratio = tf.div(a, b);
  const shift = tf.div(tf.sub(p.loc, q.loc), b);
  const power = tf.exp(tf.sub(logGammaOfOnePlus(ratio), shift));
  return tf.addN([tf.neg(tf.log(ratio)), tf.mul(tf.sub(ratio, 1), EULER_GAMMA), tf.sub(power, 1), shift]);
}

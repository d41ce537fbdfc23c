import * as tf from "@tensorflow/tfjs";

const impossible = -1e9; // the log of an empty sum; finite, so that differences of two are not NaN

/** Over subsets of the first i candidates, for i = 0 ... candidates: `[batch, k + 1]` each, by the subset's size. */
export interface PrefixSums {
  /** log of the sum of exp(<s, z>). */
  logSums: tf.Tensor2D[];
  /** The mean of <g, z>, in proportion to exp(<s, z>). */
  means: tf.Tensor2D[];
}

/** Elementary symmetric polynomials of exp(s) in log space, with their derivative along g. */
export function prefixSums(scores: tf.Tensor2D, k: number, g: tf.Tensor2D): PrefixSums {
  const [batch, candidates] = scores.shape;
  const column = (x: tf.Tensor2D, i: number) => tf.slice(x, [0, i], [batch, 1]);
  const shifted = (x: tf.Tensor2D, first: number) =>
    tf.concat([tf.fill([batch, 1], first), tf.slice(x, [0, 0], [batch, k])], 1) as tf.Tensor2D;
  const logSums = [tf.concat([tf.zeros([batch, 1]), tf.fill([batch, k], impossible)], 1) as tf.Tensor2D];
  const means = [tf.zeros([batch, k + 1]) as tf.Tensor2D];
  for (let i = 0; i < candidates; i++) {
    const without = logSums[i]!;
    const withIt = tf.add(shifted(without, impossible), column(scores, i));
    const share = tf.sigmoid(tf.sub(withIt, without));
    const sum = tf.add(
      tf.maximum(without, withIt),
      tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(tf.sub(withIt, without)))))),
    );
    const meanWithIt = tf.add(shifted(means[i]!, 0), column(g, i));
    logSums.push(sum as tf.Tensor2D);
    means.push(tf.add(means[i]!, tf.mul(share, tf.sub(meanWithIt, means[i]!))) as tf.Tensor2D);
  }
  return { logSums, means };
}

/** Of the distribution over subsets of size k in proportion to exp(<s, z>). */
export interface SubsetMoments {
  /** E[z] */
  marginals: tf.Tensor2D;
  /** Cov(z) g = E[z] * (E[<g, z> given z_i = 1] - E[<g, z>]) */
  covariance: tf.Tensor2D;
}

/** Candidate i is chosen with j before it and k - 1 - j behind it: prefixes and suffixes, for every i at once. */
export function subsetMoments(scores: tf.Tensor2D, k: number, g: tf.Tensor2D): SubsetMoments {
  const candidates = scores.shape[1];
  const before = prefixSums(scores, k, g);
  const behind = prefixSums(tf.reverse(scores, 1), k, tf.reverse(g, 1));
  // [batch, candidates, k]: j = 0 ... k - 1 before, and as many behind in reverse.
  const stackBefore = (x: tf.Tensor2D[]) =>
    tf.slice(tf.stack(x.slice(0, candidates), 1), [0, 0, 0], [-1, -1, k]);
  const stackBehind = (x: tf.Tensor2D[]) =>
    tf.reverse(tf.slice(tf.stack(x.slice(0, candidates).reverse(), 1), [0, 0, 0], [-1, -1, k]), 2);
  const joint = tf.add(stackBefore(before.logSums), stackBehind(behind.logSums));
  const peak = tf.max(joint, 2, true);
  const powers = tf.exp(tf.sub(joint, peak));
  const totals = tf.sum(powers, 2, true);
  const logWith = tf.add(tf.squeeze(tf.add(peak, tf.log(totals)), [2]), scores);
  const last = (x: tf.Tensor2D[]) => tf.slice(x[candidates]!, [0, k], [-1, 1]);
  const marginals = tf.exp(tf.minimum(tf.sub(logWith, last(before.logSums)), 0));
  const others = tf.add(stackBefore(before.means), stackBehind(behind.means));
  const given = tf.add(g, tf.sum(tf.mul(tf.div(powers, totals), others), 2));
  const covariance = tf.mul(marginals, tf.sub(given, last(before.means)));
  return { marginals: marginals as tf.Tensor2D, covariance: covariance as tf.Tensor2D };
}

import * as tf from "@tensorflow/tfjs";
import type { PathwiseEstimator } from "../estimator";
import { maskedSoftmax } from "../maskedSoftmax";
import { assertLogits } from "./assertLogits";
import { type Draw, draw } from "./draw";
import { enumerateLosses, expectation } from "./enumerate";
import { pathwise } from "./pathwise";
import { withGradient } from "./withGradient";

const bisections = 26; // the threshold lies in an interval of length 1: float32 knows no more

/**
 * p = [(a - 1) s - tau]_+^(1 / (a - 1)) with tau such that p sums to 1, and the expectation under p.
 *
 * @param alpha a: 2 is sparsemax, 1.5 is 1.5-entmax.
 */
export function sparseEstimator(name: string, alpha: 1.5 | 2): PathwiseEstimator {
  const probsOf = (logits: tf.Tensor2D, drawn: Draw) =>
    withGradient(
      logits,
      () => {
        const value = sparseProbs(drawn, alpha);
        const support = tf.pow(value, 2 - alpha); // p^(2 - a), and 0 outside
        return { value, saved: [tf.where(tf.greater(value, 0), support, tf.mul(value, 0))] };
      },
      (g, [slope]) => {
        const total = tf.sum(slope!, 1, true);
        const mean = tf.div(
          tf.sum(tf.mul(slope!, g), 1, true),
          tf.add(total, tf.cast(tf.equal(total, 0), "float32")),
        );
        return tf.mul(slope!, tf.sub(g, mean));
      },
    );
  const chosen = pathwise(name, "kept", (logits, { mask } = {}) => {
    assertLogits(name, logits, mask);
    return tf.tidy(() => {
      const drawn = draw(logits, mask);
      const empty = tf.sub(1, tf.reshape(drawn.some, [-1])) as tf.Tensor1D;
      const weights = probsOf(logits, drawn);
      return { index: drawn.index, weights, probs: maskedSoftmax(logits, { mask }), empty, hard: false };
    });
  });
  return {
    ...chosen,
    expectedLoss: (logits, loss, { mask } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const drawn = draw(logits, mask);
        const losses = enumerateLosses(name, loss, drawn.some, logits.shape[1]);
        return expectation(probsOf(logits, drawn), losses, drawn.some);
      }),
  };
}

function sparseProbs({ scores, some }: Draw, alpha: number): tf.Tensor2D {
  const peak = tf.where(tf.greater(some, 0), tf.max(scores, 1, true), tf.zerosLike(some));
  const x = tf.mul(alpha - 1, tf.sub(scores, peak));
  const powers = (tau: tf.Tensor) => tf.pow(tf.relu(tf.sub(x, tau)), 1 / (alpha - 1));
  let low: tf.Tensor = tf.sub(tf.zerosLike(peak), 1); // here the largest alone gives 1
  let width = 1;
  for (let i = 0; i < bisections; i++) {
    width /= 2;
    const middle = tf.add(low, width);
    low = tf.where(tf.greaterEqual(tf.sum(powers(middle), 1, true), 1), middle, low);
  }
  const weights = powers(low);
  const total = tf.add(tf.sum(weights, 1, true), tf.sub(1, some));
  return tf.div(weights, total) as tf.Tensor2D;
}

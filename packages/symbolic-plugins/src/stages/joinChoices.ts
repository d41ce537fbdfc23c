import type { Choice } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";

/**
 * Two independent choices as one among all combinations of their candidates, the second one's changing fastest. The
 * weights are products, so that the gradient reaches both.
 *
 * @returns A choice of `[batch, first * second]`. The caller disposes it.
 */
export function joinChoices(first: Choice, second: Choice): Choice {
  const [batch, before] = first.weights.shape;
  const own = second.weights.shape[1];
  const outer = (a: tf.Tensor2D, b: tf.Tensor2D) =>
    tf.reshape(tf.mul(tf.expandDims(a, 2), tf.expandDims(b, 1)), [batch, before * own]);
  return {
    index: tf.add(tf.mul(first.index, tf.scalar(own, "int32")), second.index),
    weights: outer(first.weights, second.weights) as tf.Tensor2D,
    probs: outer(first.probs, second.probs) as tf.Tensor2D,
    empty: tf.maximum(first.empty, second.empty),
    hard: first.hard && second.hard,
  };
}

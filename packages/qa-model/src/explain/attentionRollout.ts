import { maskLogits, type TransformerLayer } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { SequenceEncoder } from "../encoder/sequenceEncoder";

/**
 * Which input tokens some output vectors attend to, through all layers: the product of the layers' attention, each the
 * mean of its heads and half the identity, for the shortcut. Traceable, without dropout.
 *
 * @param vectors As `SequenceEncoder.apply` takes them, `[1, tokens, hidden]`.
 * @param mask `[1, tokens]`, 1 = a token, 0 = padding.
 * @param weights How much each output token counts, `[1, tokens]`, with sum 1.
 * @returns `[1, tokens]`, with sum 1.
 * @see Abnar and Zuidema 2020, arXiv:2005.00928.
 */
export function attentionRollout(
  encoder: SequenceEncoder,
  vectors: tf.Tensor3D,
  mask: tf.Tensor2D,
  weights: tf.Tensor2D,
): tf.Tensor2D {
  let state: tf.Tensor = encoder.norm ? encoder.norm.apply(vectors) : vectors;
  const maps: tf.Tensor[] = [];
  for (const layer of encoder.layers.layers) {
    maps.push(attentionOf(layer, state, mask).mean(1));
    state = layer.apply(state, { mask });
  }
  let result: tf.Tensor = weights.expandDims(1);
  for (const map of maps.reverse()) result = tf.matMul(result, map).add(result).mul(0.5);
  return result.squeeze([1]);
}

/** The attention probabilities of one layer, `[batch, heads, tokens, tokens]`. */
function attentionOf(layer: TransformerLayer, x: tf.Tensor, mask: tf.Tensor2D): tf.Tensor {
  const { attention, normalization, attentionNorm, convolution } = layer;
  const start = convolution ? convolution.apply(x, mask) : x;
  const read = normalization === "pre" ? attentionNorm.apply(start) : start;
  const [batch, tokens, hidden] = read.shape as [number, number, number];
  const size = hidden / attention.heads;
  const split = (y: tf.Tensor) => y.reshape([batch, tokens, attention.heads, size]).transpose([0, 2, 1, 3]);
  const queries = split(attention.query.apply(read).mul(1 / Math.sqrt(size)));
  const scores = tf.matMul(queries, split(attention.key.apply(read)), false, true);
  return tf.softmax(maskLogits(scores, mask.expandDims(1).expandDims(1)));
}

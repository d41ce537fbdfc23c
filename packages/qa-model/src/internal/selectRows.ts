import { oneHot } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

/**
 * Picks rows of each example: out[b, k] = x[b, index[b, k]], as a product with one-hot rows.
 * A product adds in a fixed order in both directions, so that repeated indices cost no determinism.
 *
 * @param x `[batch, rows, hidden]`, float32, finite.
 * @param index int32 `[batch, picks]`, each in [0, rows).
 * @returns `[batch, picks, hidden]`.
 */
export function selectRows(x: tf.Tensor3D, index: tf.Tensor2D): tf.Tensor3D {
  return tf.matMul(oneHot(index, x.shape[1]) as tf.Tensor3D, x);
}

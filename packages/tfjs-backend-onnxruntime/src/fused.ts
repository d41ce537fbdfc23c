import * as tf from "@tensorflow/tfjs";
import { hasVaryingShapes, isTracing } from "./jit/hostTensor";

/**
 * Layer normalization as one operator, without a gradient of its own: for use inside `tf.customGrad`.
 *
 * @param x `[..., hidden]`, float32.
 * @returns The normalized, scaled and shifted `x`, and mean and 1 / sqrt(variance + epsilon) of each vector,
 *   `[..., 1]`; undefined where nothing is traced, so that the caller composes it.
 */
export function fusedLayerNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
): { value: tf.Tensor; mean: tf.Tensor; inverse: tf.Tensor } | undefined {
  if (!isTracing()) return undefined;
  const inputs = { x, weight, bias } as unknown as tf.NamedTensorMap;
  const [value, mean, inverse] = tf
    .engine()
    .runKernel("LayerNormalization", inputs, { epsilon }) as unknown as tf.Tensor[];
  return { value: value!, mean: mean!, inverse: inverse! };
}

/** x Phi(x) as one operator, without a gradient of its own; undefined where nothing is traced. */
export function fusedGelu(x: tf.Tensor): tf.Tensor | undefined {
  if (!isTracing()) return undefined;
  return tf.engine().runKernel("Gelu", { x } as unknown as tf.NamedTensorMap) as unknown as tf.Tensor;
}

/**
 * softmax(Q K^T) V of every head as one operator, without a gradient of its own. It exists only where a function is traced
 * for `exportOnnx`: training needs the probabilities, which it does not give.
 *
 * @param query `[batch, tokens, heads * size]`, scaled already; so is `key`, and `value` with a size of its own.
 * @returns Shaped like `value`; undefined elsewhere.
 */
export function fusedAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  heads: number,
): tf.Tensor | undefined {
  if (!hasVaryingShapes()) return undefined;
  const inputs = { query, key, value } as unknown as tf.NamedTensorMap;
  return tf.engine().runKernel("MultiHeadAttention", inputs, { heads }) as unknown as tf.Tensor;
}

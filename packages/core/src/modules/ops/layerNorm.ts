import * as tf from "@tensorflow/tfjs";
import { assertShape } from "../../internal/assertShape";
import { differentiable } from "../../internal/differentiable";

/**
 * y = (x - mean) / sqrt(variance + epsilon) * weight + bias, over the last axis, with the biased variance.
 * Its gradient is written out, which keeps two tensors from the forward pass where the composed form keeps six.
 *
 * @param x `[..., hidden]`
 * @param weight `[hidden]`
 * @param bias `[hidden]`
 * @returns `[..., hidden]`
 * @throws SymgradError `E_SHAPE` if the last axes disagree.
 * @see Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4.
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const hidden = weight.shape[0]!;
  assertShape("layerNorm", "x", x, ["...", hidden]);
  assertShape("layerNorm", "bias", bias, [hidden]);
  return tf.tidy(() => normalizeRows(epsilon)(x.reshape([-1, hidden]), weight, bias).reshape(x.shape));
}

function normalizeRows(epsilon: number) {
  return differentiable((save, x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
    const centered = x.sub(x.mean(-1, true));
    const inverse = centered.square().mean(-1, true).add(epsilon).rsqrt();
    const normalized = centered.mul(inverse);
    save([normalized, inverse, weight]);
    return {
      value: normalized.mul(weight).add(bias),
      gradient: (cotangent, saved) => {
        const [normalized, inverse, weight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const scaled = cotangent.mul(weight);
        const along = scaled.mul(normalized).mean(-1, true);
        const dx = scaled.sub(scaled.mean(-1, true)).sub(normalized.mul(along)).mul(inverse);
        return [dx, cotangent.mul(normalized).sum(0), cotangent.sum(0)];
      },
    };
  });
}

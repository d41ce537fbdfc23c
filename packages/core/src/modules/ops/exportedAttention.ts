import { fusedAttention, hasVaryingShapes } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { differentiable } from "../../internal/differentiable";
import { attend, attentionGradient } from "./attention";
import { maskedLogit } from "./maskLogits";

export interface ExportedAttentionOptions {
  heads: number;
  /** Batch and tokens. */
  shape: readonly [number, number];
  /** `[batch, tokens]`, 1 = may be attended to, 0 = padding. Default: all. */
  mask: tf.Tensor | undefined;
}

/**
 * Attention of rows that are not split into heads, as one operator of an exported graph. The mask is one more
 * component of the keys against a 1 in the queries: with a mask of its own the operator would write the scores to memory.
 *
 * @param query `[batch * tokens, hidden]`, as are `key` and `value`.
 * @returns `[batch * tokens, hidden]`; undefined where nothing is exported.
 */
export function exportedAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  { heads, shape: [batch, tokens], mask }: ExportedAttentionOptions,
): tf.Tensor | undefined {
  if (!hasVaryingShapes()) return undefined;
  const size = value.shape[1]! / heads;
  const column = [batch, tokens, heads, 1];
  const bias = mask && tf.sub(1, mask.cast("float32")).mul(maskedLogit).reshape([batch, tokens, 1, 1]);
  const rows = (x: tf.Tensor, last: tf.Tensor | undefined): tf.Tensor => {
    const perHead = x.reshape([batch, tokens, heads, size]);
    return (last ? tf.concat([perHead, last], 3) : perHead).reshape([batch, tokens, -1]);
  };
  const split = (x: tf.Tensor): tf.Tensor => x.reshape([batch, tokens, heads, size]).transpose([0, 2, 1, 3]);
  return differentiable((save, query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => {
    save([query, key, value]);
    const joined = fusedAttention(
      rows(query, bias && tf.ones(column)),
      rows(key, bias && tf.tile(bias, [1, 1, heads, 1])),
      rows(value, undefined),
      heads,
    );
    return {
      value: joined!.reshape(value.shape),
      // The operator keeps no probabilities: the gradient computes them again.
      gradient: (cotangent, saved) => {
        const [query, key, value] = saved.map(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const { probs, result } = attend(query, key, value, mask);
        const gradients = attentionGradient(split(cotangent), [query, key, value, probs, result]);
        return gradients.map((x) => x.transpose([0, 2, 1, 3]).reshape([batch * tokens, heads * size]));
      },
    };
  })(query.mul(1 / Math.sqrt(size)), key, value);
}

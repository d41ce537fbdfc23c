import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertShape } from "../internal/assertShape";
import type { RandomKey } from "../random/randomKey";
import { orthonormalRows } from "./initializers";
import { Linear } from "./linear";
import { Module } from "./module";
import { attention, scores } from "./ops/attention";
import { dropout } from "./ops/dropout";
import { exportedAttention } from "./ops/exportedAttention";

export interface MultiHeadAttentionOptions {
  hidden: number;
  /** Divides `hidden`. */
  heads: number;
  /** Names the first weights. */
  key: RandomKey;
  /**
   * Query and key weights start equal, with orthogonal rows of this length per head and zero biases, so that equal
   * tokens attend to each other before anything is learned; 1.5 is a good length. Default: they start unrelated.
   *
   * @see Trockman and Kolter 2023, arXiv:2305.09828.
   */
  equalStart?: number;
  /** Of the attention probabilities, applied when `apply` gets a key. Default 0. */
  dropout?: number;
}

export interface AttentionInputs {
  /** `[batch, tokens]`, 1 = real, 0 = padding. Default: all real. */
  mask?: tf.Tensor | undefined;
  /** Draws the dropout; without it nothing is dropped. */
  key?: RandomKey | undefined;
}

/**
 * Self-attention: softmax(Q K^T / sqrt(hidden / heads)) V per head, then a linear map of the joined heads.
 *
 * @see Vaswani et al. 2017, arXiv:1706.03762, section 3.2.
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly heads: number;
  readonly dropout: number;

  /** @throws SymgradError `E_RANGE` if `heads` does not divide `hidden`. */
  constructor({ hidden, heads, key, equalStart, dropout = 0 }: MultiHeadAttentionOptions) {
    super();
    if (!Number.isInteger(hidden / heads)) {
      throw new SymgradError(
        "E_RANGE",
        `MultiHeadAttention: ${heads} heads do not divide hidden = ${hidden}.`,
      );
    }
    const size = { inputs: hidden, outputs: hidden };
    const [queryKey, keyKey, valueKey, outputKey] = key.split(4) as [
      RandomKey,
      RandomKey,
      RandomKey,
      RandomKey,
    ];
    if (equalStart === undefined) {
      this.query = new Linear({ ...size, key: queryKey });
      this.key = new Linear({ ...size, key: keyKey });
    } else {
      const initializer = orthonormalRows(heads, equalStart);
      this.query = new Linear({ ...size, key: queryKey, initializer });
      this.key = new Linear({ ...size, key: queryKey, initializer });
    }
    this.value = new Linear({ ...size, key: valueKey });
    this.output = new Linear({ ...size, key: outputKey });
    this.heads = heads;
    this.dropout = dropout;
  }

  /**
   * @param x `[batch, tokens, hidden]`
   * @returns `[batch, tokens, hidden]`. Padding never influences real tokens; what stands at padding is unspecified.
   * @throws SymgradError `E_SHAPE` if `x` or the mask have another shape.
   */
  apply(x: tf.Tensor, { mask, key }: AttentionInputs = {}): tf.Tensor {
    const [heads, hidden] = [this.heads, this.query.weight.shape[1]!];
    assertShape("MultiHeadAttention", "x", x, ["batch", "tokens", hidden]);
    const [batch, tokens] = x.shape as [number, number];
    if (mask !== undefined) assertShape("MultiHeadAttention", "mask", mask, [batch, tokens]);
    return tf.tidy(() => {
      const rows = x.reshape([-1, hidden]);
      const split = (y: tf.Tensor): tf.Tensor =>
        y.reshape([batch, tokens, heads, hidden / heads]).transpose([0, 2, 1, 3]);
      const [queries, keys, values] = [this.query, this.key, this.value].map((map) => map.apply(rows)) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      // The scale goes to the queries, which are fewer than the scores, right before the product, which may take it in.
      const scaled = () => split(queries).mul(1 / Math.sqrt(hidden / heads));
      const joined =
        exportedAttention(queries, keys, values, { heads, shape: [batch, tokens], mask }) ??
        this.attend(scaled(), split(keys), split(values), mask, key).transpose([0, 2, 1, 3]);
      return this.output.apply(joined.reshape([batch * tokens, hidden])).reshape(x.shape);
    });
  }

  private attend(
    q: tf.Tensor,
    k: tf.Tensor,
    v: tf.Tensor,
    mask: tf.Tensor | undefined,
    key: RandomKey | undefined,
  ): tf.Tensor {
    if (this.dropout === 0 || key === undefined) return attention(q, k, v, mask);
    return tf.matMul(dropout(tf.softmax(scores(q, k, mask)), this.dropout, key), v);
  }
}

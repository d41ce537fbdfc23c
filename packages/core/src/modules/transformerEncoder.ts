import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertShape } from "../internal/assertShape";
import type { RandomKey } from "../random/randomKey";
import { LayerNorm } from "./layerNorm";
import { Linear } from "./linear";
import { Module } from "./module";
import { type AttentionInputs, MultiHeadAttention } from "./multiHeadAttention";
import { dropout } from "./ops/dropout";
import { feedForward } from "./ops/feedForward";
import { ShortConvolution } from "./shortConvolution";

export interface TransformerLayerOptions {
  hidden: number;
  /** Divides `hidden`. */
  heads: number;
  /** Width of the feed-forward part. */
  intermediate: number;
  /** Default `"gelu"` (exact). */
  activation?: "gelu" | "relu";
  /** `"pre"`: normalize what enters each part. `"post"`: normalize each sum, as BERT. Default `"pre"`. */
  normalization?: "pre" | "post";
  /** Width of a {@link ShortConvolution} on the layer's input, before attention. Default: none. */
  shortConvolution?: number;
  /** See {@link MultiHeadAttention}. Default: none. */
  equalStart?: number;
  /** Of the attention probabilities and of each part's output, applied when `apply` gets a key. Default 0. */
  dropout?: number;
  /** Of the layer norms. Default 1e-5. */
  epsilon?: number;
  /** Names the first weights. */
  key: RandomKey;
}

/** Self-attention and a feed-forward network, each with a shortcut and a layer norm. */
export class TransformerLayer extends Module {
  readonly convolution: ShortConvolution | undefined;
  readonly attentionNorm: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly outputNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly activation: "gelu" | "relu";
  readonly normalization: "pre" | "post";
  readonly dropout: number;

  constructor(options: TransformerLayerOptions) {
    super();
    const { hidden, heads, intermediate, equalStart, dropout = 0, epsilon = 1e-5, key } = options;
    const [convolutionKey, attentionKey, intermediateKey, outputKey] = key.split(4) as [
      RandomKey,
      RandomKey,
      RandomKey,
      RandomKey,
    ];
    if (options.shortConvolution !== undefined) {
      this.convolution = new ShortConvolution({
        hidden,
        width: options.shortConvolution,
        key: convolutionKey,
      });
    }
    this.attentionNorm = new LayerNorm({ hidden, epsilon });
    this.attention = new MultiHeadAttention({
      hidden,
      heads,
      key: attentionKey,
      dropout,
      ...(equalStart === undefined ? {} : { equalStart }),
    });
    this.outputNorm = new LayerNorm({ hidden, epsilon });
    this.intermediate = new Linear({ inputs: hidden, outputs: intermediate, key: intermediateKey });
    this.output = new Linear({ inputs: intermediate, outputs: hidden, key: outputKey });
    this.activation = options.activation ?? "gelu";
    this.normalization = options.normalization ?? "pre";
    this.dropout = dropout;
  }

  /**
   * @param x `[batch, tokens, hidden]`
   * @returns `[batch, tokens, hidden]`
   */
  apply(x: tf.Tensor, { mask, key }: AttentionInputs = {}): tf.Tensor {
    return tf.tidy(() => {
      const [attentionKey, afterAttention, afterOutput] = key?.split(3) ?? [];
      const pre = this.normalization === "pre";
      const drop = (y: tf.Tensor, k: RandomKey | undefined): tf.Tensor =>
        this.dropout === 0 ? y : dropout(y, this.dropout, k);

      const start = this.convolution === undefined ? x : this.convolution.apply(x, mask);
      const seen = this.attention.apply(pre ? this.attentionNorm.apply(start) : start, {
        mask,
        key: attentionKey,
      });
      const afterFirst = start.add(drop(seen, afterAttention));
      const middle = pre ? afterFirst : this.attentionNorm.apply(afterFirst);

      const fed = this.feedForward(pre ? this.outputNorm.apply(middle) : middle);
      const afterSecond = middle.add(drop(fed, afterOutput));
      return pre ? afterSecond : this.outputNorm.apply(afterSecond);
    });
  }

  private feedForward(x: tf.Tensor): tf.Tensor {
    if (this.activation === "relu") return this.output.apply(tf.relu(this.intermediate.apply(x)));
    const rows = x.reshape([-1, x.shape.at(-1)!]);
    return feedForward(rows, { wide: parts(this.intermediate), narrow: parts(this.output) }).reshape(x.shape);
  }
}

function parts({ weight, bias }: Linear): { weight: tf.Tensor; bias: tf.Tensor } {
  return { weight, bias: bias! };
}

export interface TransformerEncoderOptions extends TransformerLayerOptions {
  /** Number of layers. */
  layers: number;
}

/**
 * A stack of transformer layers; with pre-normalization, a last layer norm.
 *
 * @see Vaswani et al. 2017, arXiv:1706.03762 (post); Xiong et al. 2020, arXiv:2002.04745 (pre).
 */
export class TransformerEncoder extends Module {
  readonly layers: TransformerLayer[];
  /** Only with pre-normalization. */
  readonly norm: LayerNorm | undefined;

  /** @throws SymgradError `E_RANGE` if there is no layer, or `heads` does not divide `hidden`. */
  constructor({ layers, key, ...options }: TransformerEncoderOptions) {
    super();
    if (!Number.isInteger(layers) || layers < 1) {
      throw new SymgradError("E_RANGE", `TransformerEncoder: \`layers\` must be at least 1, got ${layers}.`);
    }
    this.layers = key.split(layers).map((layerKey) => new TransformerLayer({ ...options, key: layerKey }));
    if ((options.normalization ?? "pre") === "pre") {
      this.norm = new LayerNorm({ hidden: options.hidden, epsilon: options.epsilon ?? 1e-5 });
    }
  }

  /**
   * @param x `[batch, tokens, hidden]`, embeddings with positions added.
   * @param inputs.mask `[batch, tokens]`, 1 = real, 0 = padding. Default: all real.
   * @param inputs.key Draws the dropout; without it nothing is dropped (evaluation).
   * @returns `[batch, tokens, hidden]`. Padding never influences real tokens; what stands at padding is unspecified.
   * @throws SymgradError `E_SHAPE` if `x` or the mask have another shape.
   */
  apply(x: tf.Tensor, { mask, key }: AttentionInputs = {}): tf.Tensor {
    const hidden = this.layers[0]!.attention.query.weight.shape[1]!;
    assertShape("TransformerEncoder", "x", x, ["batch", "tokens", hidden]);
    if (mask !== undefined) assertShape("TransformerEncoder", "mask", mask, [x.shape[0]!, x.shape[1]!]);
    return tf.tidy(() => {
      let state = x;
      for (const [i, layer] of this.layers.entries()) state = layer.apply(state, { mask, key: key?.fold(i) });
      return this.norm === undefined ? state : this.norm.apply(state);
    });
  }
}

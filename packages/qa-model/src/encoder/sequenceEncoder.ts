import { Embedding, Module, type RandomKey, TransformerEncoder } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

export interface SequenceEncoderOptions {
  vocabulary: number;
  hidden: number;
  layers: number;
  heads: number;
  intermediate: number;
  normalization: "pre" | "post";
  activation: "gelu" | "relu";
  /** Share of values dropped while training, in [0, 1). */
  dropout: number;
  /** Longest sequence in tokens. */
  positions: number;
  segments: number;
  /** Width in tokens; 0: none. */
  shortConvolution: number;
  /** 0: none. */
  equalStart: number;
  wordDeviation: number;
  positionDeviation: number;
  key: RandomKey;
}

/**
 * A transformer over tokens with learned positions and segments.
 * The steps are apart so that one text can be encoded again with more tokens behind it: `words` and `places` give
 * vectors, their sum goes through `apply`.
 */
export class SequenceEncoder extends Module {
  readonly word: Embedding;
  readonly position: Embedding;
  readonly segment: Embedding;
  readonly layers: TransformerEncoder;

  constructor(options: SequenceEncoderOptions) {
    super();
    const { hidden } = options;
    const [word, position, segment, layers] = options.key.split(4) as [
      RandomKey,
      RandomKey,
      RandomKey,
      RandomKey,
    ];
    this.word = new Embedding({
      rows: options.vocabulary,
      hidden,
      key: word,
      standardDeviation: options.wordDeviation,
    });
    this.position = new Embedding({
      rows: options.positions,
      hidden,
      key: position,
      standardDeviation: options.positionDeviation,
    });
    this.segment = new Embedding({
      rows: options.segments,
      hidden,
      key: segment,
      standardDeviation: options.positionDeviation,
    });
    this.layers = new TransformerEncoder({
      layers: options.layers,
      hidden,
      heads: options.heads,
      intermediate: options.intermediate,
      activation: options.activation,
      normalization: options.normalization,
      key: layers,
      ...(options.shortConvolution > 0 ? { shortConvolution: options.shortConvolution } : {}),
      ...(options.equalStart > 0 ? { equalStart: options.equalStart } : {}),
      ...(options.dropout > 0 ? { dropout: options.dropout } : {}),
    });
  }

  /** Word vectors of int32 ids `[batch, tokens]` as `[batch, tokens, hidden]`. */
  words(ids: tf.Tensor2D): tf.Tensor3D {
    return this.word.apply(ids) as tf.Tensor3D;
  }

  /** What positions and segments add, `[batch, tokens, hidden]`, from int32 `[batch, tokens]` each. */
  places(positions: tf.Tensor2D, segments: tf.Tensor2D): tf.Tensor3D {
    return tf.add(this.position.apply(positions), this.segment.apply(segments));
  }

  /**
   * Encodes vectors.
   *
   * @param vectors `words + places`, `[batch, tokens, hidden]`.
   * @param options.mask 1 = a token, 0 = padding, float32 `[batch, tokens]`.
   * @param options.key Draws dropout; without it nothing is dropped.
   * @returns `[batch, tokens, hidden]`; rows of padding hold no meaning.
   */
  apply(vectors: tf.Tensor3D, options: { mask: tf.Tensor2D; key?: RandomKey | undefined }): tf.Tensor3D {
    const { mask, key } = options;
    return this.layers.apply(vectors, key ? { mask, key } : { mask }) as tf.Tensor3D;
  }
}

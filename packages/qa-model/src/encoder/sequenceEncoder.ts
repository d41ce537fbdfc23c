import { dropout, Embedding, LayerNorm, Module, type RandomKey, TransformerEncoder } from "@symgrad/core";
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
  /** 0: segments are not told apart, as in DistilBERT. */
  segments: number;
  /** Whether the sum of word, position and segment vectors is normalized, as in BERT. Default `false`. */
  embeddingNorm?: boolean | undefined;
  /** Of the layer norms. Default 1e-5. */
  epsilon?: number | undefined;
  /** Width in tokens; 0: none. */
  shortConvolution: number;
  /** 0: none. */
  equalStart: number;
  wordDeviation: number;
  positionDeviation: number;
  key: RandomKey;
}

/**
 * A transformer over tokens with learned positions and segments; with post-normalization and `embeddingNorm` it is BERT.
 * The steps are apart so that one text can be encoded again with more tokens behind it: `words` and `places` give
 * vectors, their sum goes through `apply`.
 */
export class SequenceEncoder extends Module {
  readonly word: Embedding;
  readonly position: Embedding;
  readonly segment: Embedding | undefined;
  readonly norm: LayerNorm | undefined;
  readonly dropout: number;
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
    if (options.segments > 0) {
      this.segment = new Embedding({
        rows: options.segments,
        hidden,
        key: segment,
        standardDeviation: options.positionDeviation,
      });
    }
    if (options.embeddingNorm) this.norm = new LayerNorm({ hidden, epsilon: options.epsilon ?? 1e-5 });
    this.dropout = options.dropout;
    this.layers = new TransformerEncoder({
      layers: options.layers,
      hidden,
      heads: options.heads,
      intermediate: options.intermediate,
      activation: options.activation,
      normalization: options.normalization,
      key: layers,
      ...(options.epsilon === undefined ? {} : { epsilon: options.epsilon }),
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
    const places = this.position.apply(positions) as tf.Tensor3D;
    return this.segment ? tf.add(places, this.segment.apply(segments)) : places;
  }

  /**
   * Encodes vectors: the embeddings' norm and dropout, where BERT has them, then the layers.
   *
   * @param vectors `words + places`, `[batch, tokens, hidden]`.
   * @param options.mask 1 = a token, 0 = padding, float32 `[batch, tokens]`.
   * @param options.key Draws dropout; without it nothing is dropped.
   * @returns `[batch, tokens, hidden]`; rows of padding hold no meaning.
   */
  apply(vectors: tf.Tensor3D, options: { mask: tf.Tensor2D; key?: RandomKey | undefined }): tf.Tensor3D {
    const { mask, key } = options;
    if (!this.norm) return this.layers.apply(vectors, key ? { mask, key } : { mask }) as tf.Tensor3D;
    const normalized = this.norm.apply(vectors);
    if (!key) return this.layers.apply(normalized, { mask }) as tf.Tensor3D;
    const dropped = this.dropout > 0 ? dropout(normalized, this.dropout, key.fold("embeddings")) : normalized;
    return this.layers.apply(dropped, { mask, key }) as tf.Tensor3D;
  }
}

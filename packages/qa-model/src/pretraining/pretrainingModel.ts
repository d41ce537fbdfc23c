import {
  gelu,
  LayerNorm,
  Linear,
  Module,
  normalInitializer,
  type RandomKey,
  softmaxCrossEntropy,
} from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { createEncoder } from "../encoder/createEncoder";
import type { SequenceEncoder } from "../encoder/sequenceEncoder";
import { selectRows } from "../internal/selectRows";
import type { ReaderConfig } from "../reader/readerConfig";

/** A batch of texts with hidden tokens, padded on the right. */
export interface PretrainingInputs {
  /** `[CLS] first [SEP]`, or `[CLS] first [SEP] second [SEP]`, int32 `[batch, tokens]`. */
  ids: tf.Tensor2D;
  /** 1 = a token, 0 = padding, float32 `[batch, tokens]`. */
  mask: tf.Tensor2D;
  /** 0 for the first part, 1 for the second, int32 `[batch, tokens]`. */
  segments: tf.Tensor2D;
  /** Where tokens are hidden, int32 `[batch, hidden]`; 0 where there are fewer. */
  places: tf.Tensor2D;
  /** What stood there, int32 `[batch, hidden]`. */
  hidden: tf.Tensor2D;
  /** 1 = a token is hidden, float32 `[batch, hidden]`. */
  counts: tf.Tensor2D;
  /** 0 = the second part follows the first, 1 = it does not (as in BERT), int32 `[batch]`. */
  apart: tf.Tensor1D;
}

export interface PretrainingLoss {
  /** Mean over the hidden tokens, nats. */
  tokens: tf.Scalar;
  /** Mean over the batch, nats; 0 without next-sentence prediction. */
  nextSentence: tf.Scalar;
  /** Share of hidden tokens that are guessed. */
  tokenAccuracy: tf.Scalar;
  /** Share of pairs that are told apart; 0 without next-sentence prediction. */
  nextSentenceAccuracy: tf.Scalar;
}

/**
 * A BERT encoder with what it is pretrained with: the head that guesses hidden tokens, whose output matrix is the word
 * table, and the head that says whether one part follows the other, behind the pooler.
 *
 * @see Devlin et al. 2019, arXiv:1810.04805, section 3.1.
 */
export class PretrainingModel extends Module {
  readonly encoder: SequenceEncoder;
  readonly transform: Linear;
  readonly transformNorm: LayerNorm;
  readonly tokenBias: tf.Variable;
  readonly pooler: Linear | undefined;
  readonly relation: Linear | undefined;

  constructor(config: ReaderConfig, options: { key: RandomKey; nextSentence: boolean }) {
    super();
    const { hidden_size: hidden, layer_norm_eps: epsilon } = config;
    const [encoder, transform, pooler, relation] = options.key.split(4) as [
      RandomKey,
      RandomKey,
      RandomKey,
      RandomKey,
    ];
    const initializer = normalInitializer(config.word_initializer_range);
    this.encoder = createEncoder(config, encoder);
    this.transform = new Linear({ inputs: hidden, outputs: hidden, key: transform, initializer });
    this.transformNorm = new LayerNorm({ hidden, epsilon });
    this.tokenBias = tf.tidy(() => tf.variable(tf.zeros([config.vocab_size])));
    if (options.nextSentence) {
      this.pooler = new Linear({ inputs: hidden, outputs: hidden, key: pooler, initializer });
      this.relation = new Linear({ inputs: hidden, outputs: 2, key: relation, initializer });
    }
  }

  /** Both losses. Traceable. @param dropout Draws dropout; without it nothing is dropped. */
  loss(inputs: PretrainingInputs, dropout?: RandomKey): PretrainingLoss {
    const { ids, mask, segments, places, hidden, counts } = inputs;
    const [batch, tokens] = ids.shape;
    const positions: tf.Tensor2D = tf.tile(
      tf.range(0, tokens, 1, "int32").reshape([1, tokens]) as tf.Tensor2D,
      [batch, 1],
    );
    const vectors = tf.add<tf.Tensor3D>(this.encoder.words(ids), this.encoder.places(positions, segments));
    const encoded = this.encoder.apply(vectors, { mask, key: dropout });
    const logits = this.tokenLogits(selectRows(encoded, places));
    const wanted = hidden.reshape([-1]) as tf.Tensor1D;
    const weights = counts.reshape([-1]);
    const total = tf.maximum(weights.sum(), 1);
    const guessed = tf.equal(tf.argMax(logits, 1), wanted).cast("float32");
    const relation = this.relationLogits(encoded);
    const zero = tf.scalar(0);
    return {
      tokens: softmaxCrossEntropy(logits, wanted).mul(weights).sum().div(total) as tf.Scalar,
      tokenAccuracy: guessed.mul(weights).sum().div(total) as tf.Scalar,
      nextSentence: relation ? (softmaxCrossEntropy(relation, inputs.apart).mean() as tf.Scalar) : zero,
      nextSentenceAccuracy: relation
        ? (tf.equal(tf.argMax(relation, 1), inputs.apart).cast("float32").mean() as tf.Scalar)
        : zero,
    };
  }

  /** `[batch, picks, hidden]` to `[batch * picks, vocabulary]`. */
  tokenLogits(picked: tf.Tensor3D): tf.Tensor2D {
    const transformed = this.transformNorm.apply(gelu(this.transform.apply(picked)));
    const rows = transformed.reshape([-1, transformed.shape[2]!]) as tf.Tensor2D;
    const table = this.encoder.word.weight as tf.Tensor as tf.Tensor2D;
    return tf.matMul(rows, table, false, true).add(this.tokenBias) as tf.Tensor2D;
  }

  /** `[batch, 2]`: follows, does not; from the first token's vector. */
  relationLogits(encoded: tf.Tensor3D): tf.Tensor2D | undefined {
    if (!this.pooler || !this.relation) return undefined;
    const [batch, , hidden] = encoded.shape;
    const first = encoded.slice([0, 0, 0], [batch, 1, hidden]).reshape([batch, hidden]);
    return this.relation.apply(this.pooler.apply(first).tanh()) as tf.Tensor2D;
  }
}

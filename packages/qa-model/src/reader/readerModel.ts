import { Module, oneHot, type RandomKey } from "@symgrad/core";
import type { PreparedInputs, ResultTokens, SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { createEncoder } from "../encoder/createEncoder";
import type { SequenceEncoder } from "../encoder/sequenceEncoder";
import { selectRows } from "../internal/selectRows";
import type { ReaderConfig } from "./readerConfig";
import { SpanHead } from "./spanHead";
import { TupleScorer } from "./tupleScorer";

/**
 * What the model reads, one row per example. Texts are padded on the left, so that what a function returns follows the
 * text without a gap, in every batch, and the convolution sees the same neighbors.
 */
export interface ReaderInputs {
  /** `[CLS] question [SEP] passage [SEP]` and the [SEP] that will close the result, int32 `[batch, tokens + 1]`. */
  ids: tf.Tensor2D;
  /** 1 = a token of the text, 0 = padding, float32 `[batch, tokens]`. */
  mask: tf.Tensor2D;
  /** 1 = the token may belong to an answer (padding, [CLS] and [SEP] may not), float32 `[batch, tokens]`. */
  answerable: tf.Tensor2D;
  /** int32 `[batch, tokens + length + 1]`; without a calculator `[batch, tokens]`. */
  positions: tf.Tensor2D;
  /** Shaped like `positions`: 0 for the question, 1 for the passage and the function's result. */
  segments: tf.Tensor2D;
  /** Absent without a calculator. */
  terms?: TermInputs;
}

export interface TermInputs {
  /** Where each quantity's first digit (each date's first token) stands, int32 `[batch, quantities]`. */
  quantities: tf.Tensor2D;
  /** Per argument the value of each candidate, int32 `[batch, candidates]`: literals count first, then quantities. */
  tuples: tf.Tensor2D[];
  /** What the function returns for each candidate. */
  results: PreparedInputs;
}

/** Logits over the tokens of text and function result; `mask` tells which of them may belong to an answer. */
export interface SpanLogits {
  start: tf.Tensor2D;
  end: tf.Tensor2D;
  mask: tf.Tensor2D;
}

/**
 * The calculator reader's parameters and its three steps: score argument tuples, let the layer run the function, read.
 * Both passes share one encoder. Traceable: nothing here looks at a value.
 */
export class ReaderModel extends Module {
  readonly encoder: SequenceEncoder;
  readonly terms: TupleScorer | undefined;
  readonly span: SpanHead;

  constructor(
    config: ReaderConfig,
    options: { key: RandomKey; argumentCount: number; literalCount: number },
  ) {
    super();
    const { key } = options;
    this.encoder = createEncoder(config, key.fold("encoder"));
    this.terms = config.calculator
      ? new TupleScorer({
          hidden: config.hidden_size,
          arguments: options.argumentCount,
          width: config.pair_hidden,
          literals: options.literalCount,
          key: key.fold("terms"),
        })
      : undefined;
    this.span = new SpanHead({ hidden: config.hidden_size, key: key.fold("span") });
  }

  /** Word vectors of the text and its closing [SEP], and what positions add; shared by both passes. */
  embed(inputs: ReaderInputs): EmbeddedText {
    return {
      words: this.encoder.words(inputs.ids),
      places: this.encoder.places(inputs.positions, inputs.segments),
    };
  }

  /** Scores of the argument tuples, `[batch, candidates]`, from a pass over the text alone. */
  scoreTuples(inputs: ReaderInputs, embedded: EmbeddedText, key?: RandomKey): tf.Tensor2D {
    const terms = inputs.terms!;
    const tokens = inputs.mask.shape[1];
    const vectors = tf.add<tf.Tensor3D>(
      firstTokens(embedded.words, tokens),
      firstTokens(embedded.places, tokens),
    );
    const encoded = this.encoder.apply(vectors, { mask: inputs.mask, key });
    return this.terms!.apply(selectRows(encoded, terms.quantities), terms.tuples);
  }

  /** Reads text and, where there is one, the function's result behind it. */
  read(
    inputs: ReaderInputs,
    embedded: EmbeddedText,
    result: ResultTokens | undefined,
    key?: RandomKey,
  ): SpanLogits {
    const tokens = inputs.mask.shape[1];
    const text = firstTokens(embedded.words, tokens);
    if (!result) {
      const vectors = tf.add<tf.Tensor3D>(text, firstTokens(embedded.places, tokens));
      const encoded = this.encoder.apply(vectors, { mask: inputs.mask, key });
      return { ...this.span.apply(encoded), mask: inputs.answerable };
    }
    const separator = embedded.words.slice([0, tokens, 0], [-1, 1, -1]);
    // [SEP] goes right behind the chosen result, whose length the choice decides.
    const slots = result.mask.shape[1]! + 1;
    const closing = oneHot(result.lengths, slots) as tf.Tensor2D;
    const filled = result.mask.pad([
      [0, 0],
      [0, 1],
    ]) as tf.Tensor2D;
    const behind = result
      .embed(this.encoder.word.weight as unknown as tf.Tensor2D)
      .pad([
        [0, 0],
        [0, 1],
        [0, 0],
      ])
      .add(closing.expandDims(-1).mul(separator));
    const vectors = tf.concat([text, behind], 1).add(embedded.places) as tf.Tensor3D;
    const mask = tf.concat([inputs.mask, filled.add(closing)], 1) as tf.Tensor2D;
    const encoded = this.encoder.apply(vectors, { mask, key });
    return { ...this.span.apply(encoded), mask: tf.concat([inputs.answerable, filled], 1) as tf.Tensor2D };
  }

  /**
   * The whole forward pass.
   *
   * @param layer The symbolic layer; needed where the model has a calculator.
   * @param keys.noise Gumbel noise; without it the best tuple is taken. `keys.dropout`: without it nothing is dropped.
   */
  forward(
    inputs: ReaderInputs,
    layer: SymbolicLayer | undefined,
    keys: { noise?: RandomKey; dropout?: RandomKey } = {},
  ): ReaderOutputs {
    const embedded = this.embed(inputs);
    if (!this.terms || !layer) {
      return { spans: this.read(inputs, embedded, undefined, keys.dropout?.fold("read")) };
    }
    const scores = this.scoreTuples(inputs, embedded, keys.dropout?.fold("terms"));
    const called = layer.apply(scores, inputs.terms!.results, keys.noise ? { key: keys.noise } : {});
    const spans = this.read(inputs, embedded, called.tokens, keys.dropout?.fold("read"));
    return { scores, called, spans };
  }
}

export interface EmbeddedText {
  words: tf.Tensor3D;
  places: tf.Tensor3D;
}

export interface ReaderOutputs {
  /** `[batch, candidates]`, before any mask; absent without a calculator. */
  scores?: tf.Tensor2D;
  called?: ReturnType<SymbolicLayer["apply"]>;
  spans: SpanLogits;
}

function firstTokens(x: tf.Tensor3D, tokens: number): tf.Tensor3D {
  return x.shape[1] === tokens ? x : x.slice([0, 0, 0], [-1, tokens, -1]);
}

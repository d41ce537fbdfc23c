import { Linear, Module, oneHot, type RandomKey } from "@symgrad/core";
import {
  type Applied,
  gatherChoice,
  type PreparedInputs,
  type ResultTokens,
  type SymbolicLayer,
} from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { createEncoder } from "../encoder/createEncoder";
import type { SequenceEncoder } from "../encoder/sequenceEncoder";
import { scaleGradient } from "../internal/scaleGradient";
import { selectRows } from "../internal/selectRows";
import type { AnswerLogits, HeadLogits } from "../losses/answerLoss";
import { SPAN_TAGS } from "../losses/multiSpanLikelihood";
import { type AnswerHead, answerHeads, LARGEST_COUNT } from "./answerHeads";
import type { ReaderConfig } from "./readerConfig";
import { SpanHead } from "./spanHead";
import { TextHead } from "./textHead";
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
  /** int32 `[batch, all]`: the text, and for each function the slots of its result and of the [SEP] behind it. */
  positions: tf.Tensor2D;
  /** Shaped like `positions`: 0 for the question, 1 for the passage and the functions' results. */
  segments: tf.Tensor2D;
  /** Where each quantity's first digit (each date's first token) stands, int32 `[batch, quantities]`; absent without a calculator. */
  quantities?: tf.Tensor2D;
  /** Of each function, in order; empty without a calculator. */
  stages: StageInputs[];
}

/** What one function may be called with, and what it returns. */
export interface StageInputs {
  /**
   * Per argument the value of each own candidate, int32 `[batch, candidates]`: literals count first, then quantities, then
   * what each earlier stage gave.
   */
  tuples: tf.Tensor2D[];
  /** What the function returns for each candidate, after each combination of earlier ones. */
  results: PreparedInputs;
  /** Per candidate over all stages where the values of its result stand, int32 `[batch, candidates, given]`; absent for the last. */
  given?: tf.Tensor3D;
}

/** What was chosen for one function. */
export interface StageChoice {
  /** Of the stage's own candidates, `[batch, candidates]`, before any mask. */
  scores: tf.Tensor2D;
  /** 1 = may be chosen after what the earlier stages chose, float32 `[batch, candidates]`. */
  mask: tf.Tensor2D;
  called: Applied;
}

export interface ChooseOptions {
  /** Gumbel noise; without it the best tuple is taken. */
  noise?: RandomKey | undefined;
  /** Without it nothing is dropped. */
  dropout?: RandomKey | undefined;
  /** What the gradient is multiplied by where it reaches scores through what was chosen. Default 1. */
  choiceGradient?: number | undefined;
}

/**
 * The reader's parameters and its steps: for each function score argument tuples and let the layer run the function, then
 * read. All passes share one encoder, and each sees what the functions before it gave. Traceable: nothing here looks at a
 * value.
 */
export class ReaderModel extends Module {
  readonly encoder: SequenceEncoder;
  /** Scores the first function's tuples; undefined without a calculator. */
  readonly terms: TupleScorer | undefined;
  /** Score those of the functions behind it. */
  readonly laterTerms: TupleScorer[];
  readonly span: SpanHead;
  /** Which head answers, how many, and which tokens are spans; undefined where the reader has not that head. */
  readonly answerTypes: TextHead | undefined;
  readonly count: TextHead | undefined;
  readonly tags: Linear | undefined;
  readonly #heads: readonly AnswerHead[];

  /** @param options.stages What each function's tuples are made of. */
  constructor(
    config: ReaderConfig,
    options: { key: RandomKey; stages: readonly { argumentCount: number; literalCount: number }[] },
  ) {
    super();
    const { key } = options;
    this.encoder = createEncoder(config, key.fold("encoder"));
    const [first, ...later] = options.stages.map(
      ({ argumentCount, literalCount }, stage) =>
        new TupleScorer({
          hidden: config.hidden_size,
          arguments: argumentCount,
          width: config.pair_hidden,
          literals: literalCount,
          key: stage === 0 ? key.fold("terms") : key.fold("laterTerms").fold(stage),
        }),
    );
    this.terms = first;
    this.laterTerms = later;
    const hidden = config.hidden_size;
    this.span = new SpanHead({ hidden, key: key.fold("span") });
    const heads = answerHeads(config);
    this.#heads = heads;
    const textHead = (name: string, classes: number) =>
      new TextHead({ hidden, classes, key: key.fold(name) });
    this.answerTypes = heads.length > 1 ? textHead("answerTypes", heads.length) : undefined;
    this.count = heads.includes("count") ? textHead("count", LARGEST_COUNT + 1) : undefined;
    this.tags = heads.includes("multi-span")
      ? new Linear({ inputs: hidden, outputs: SPAN_TAGS.length, key: key.fold("tags") })
      : undefined;
  }

  /** What scores each function's tuples. */
  get scorers(): readonly TupleScorer[] {
    return this.terms ? [this.terms, ...this.laterTerms] : [];
  }

  /** Word vectors of the text and its closing [SEP], and what positions add; shared by all passes. */
  embed(inputs: ReaderInputs): EmbeddedText {
    return {
      words: this.encoder.words(inputs.ids),
      places: this.encoder.places(inputs.positions, inputs.segments),
    };
  }

  /**
   * Chooses what to call the functions with, one after another.
   *
   * @param layers The functions as layers, one for each of the inputs' stages.
   */
  choose(
    inputs: ReaderInputs,
    embedded: EmbeddedText,
    layers: readonly SymbolicLayer[],
    { noise, dropout, choiceGradient = 1 }: ChooseOptions = {},
  ): StageChoice[] {
    const chosen: StageChoice[] = [];
    for (const [stage, layer] of layers.entries()) {
      const scores = this.#scoreTuples(inputs, embedded, chosen, dropout?.fold("terms"));
      const { results } = inputs.stages[stage]!;
      const before = chosen.at(-1)?.called;
      const called = layer.apply(scaleGradient(scores, choiceGradient), results, {
        key: stage === 0 ? noise : noise?.fold(stage),
        ...(before ? { after: [before] } : {}),
      });
      chosen.push({ scores, mask: afterChoice(results.mask, before) as tf.Tensor2D, called });
    }
    return chosen;
  }

  /** Scores of the next function's tuples, `[batch, candidates]`, from a pass over the text and what was chosen so far. */
  #scoreTuples(
    inputs: ReaderInputs,
    embedded: EmbeddedText,
    chosen: readonly StageChoice[],
    dropout: RandomKey | undefined,
  ): tf.Tensor2D {
    const stage = chosen.length;
    const tokens = chosen.map(({ called }) => called.tokens);
    const { encoded } = this.#encode(inputs, embedded, tokens, stage === 0 ? dropout : dropout?.fold(stage));
    const given = chosen.map(({ called }, earlier) =>
      gatherChoice(inputs.stages[earlier]!.given!, called.joint.index),
    );
    const places = given.length > 0 ? tf.concat([inputs.quantities!, ...given], 1) : inputs.quantities!;
    return this.scorers[stage]!.apply(
      selectRows(encoded, places as tf.Tensor2D),
      inputs.stages[stage]!.tuples,
    );
  }

  /** Reads the text and behind it each function's result. */
  read(
    inputs: ReaderInputs,
    embedded: EmbeddedText,
    results: readonly ResultTokens[],
    dropout?: RandomKey,
  ): AnswerLogits {
    const { encoded, filled } = this.#encode(inputs, embedded, results, dropout);
    const mask = filled ? tf.concat([inputs.answerable, filled], 1) : inputs.answerable;
    const spans = { ...this.span.apply(encoded), mask: mask as tf.Tensor2D };
    return this.answerTypes ? { ...spans, heads: this.#readHeads(inputs, encoded, this.answerTypes) } : spans;
  }

  #readHeads(inputs: ReaderInputs, encoded: tf.Tensor3D, answerTypes: TextHead): HeadLogits {
    const tokens = inputs.mask.shape[1];
    // Texts are padded on the left: [CLS] is the first token that is none.
    const first = tf.sub(tf.scalar(tokens, "int32"), inputs.mask.sum(1, true).cast("int32")) as tf.Tensor2D;
    const text = selectRows(encoded, first).squeeze<tf.Tensor2D>([1]);
    return {
      names: this.#heads,
      types: answerTypes.apply(text),
      taggable: inputs.answerable,
      ...(this.count ? { count: this.count.apply(text) } : {}),
      ...(this.tags ? { tags: this.tags.apply(firstTokens(encoded, tokens)) as tf.Tensor3D } : {}),
    };
  }

  /** Encodes `text`, or `text F1 [SEP] F2 [SEP] ...`. `filled` is 1 for the tokens of results. */
  #encode(
    inputs: ReaderInputs,
    embedded: EmbeddedText,
    results: readonly ResultTokens[],
    dropout: RandomKey | undefined,
  ): { encoded: tf.Tensor3D; filled?: tf.Tensor2D } {
    const tokens = inputs.mask.shape[1];
    const text = firstTokens(embedded.words, tokens);
    if (results.length === 0) {
      const vectors = tf.add<tf.Tensor3D>(text, firstTokens(embedded.places, tokens));
      return { encoded: this.encoder.apply(vectors, { mask: inputs.mask, key: dropout }) };
    }
    const separator = embedded.words.slice([0, tokens, 0], [-1, 1, -1]);
    const table = this.encoder.word.weight as unknown as tf.Tensor2D;
    const behind = results.map((result) => closeResult(result, table, separator)).reduce(joinClosed);
    const places = firstTokens(embedded.places, tokens + behind.mask.shape[1]!);
    const vectors = tf.concat([text, behind.vectors], 1).add(places) as tf.Tensor3D;
    const mask = tf.concat([inputs.mask, behind.mask], 1) as tf.Tensor2D;
    return { encoded: this.encoder.apply(vectors, { mask, key: dropout }), filled: behind.filled };
  }

  /**
   * The whole forward pass.
   *
   * @param layers The functions as layers; empty without a calculator.
   */
  forward(
    inputs: ReaderInputs,
    layers: readonly SymbolicLayer[],
    options: ChooseOptions = {},
  ): ReaderOutputs {
    const embedded = this.embed(inputs);
    const stages = this.choose(inputs, embedded, layers, options);
    const tokens = stages.map(({ called }) => called.tokens);
    return { stages, spans: this.read(inputs, embedded, tokens, options.dropout?.fold("read")) };
  }
}

export interface EmbeddedText {
  words: tf.Tensor3D;
  places: tf.Tensor3D;
}

export interface ReaderOutputs {
  /** Of each function; empty without a calculator. */
  stages: StageChoice[];
  /** Of the text and the results behind it. */
  spans: AnswerLogits;
}

/**
 * Of a table over this and all earlier stages the part behind what those chose.
 *
 * @param table `[batch, combinations * candidates]`.
 * @param before What the stage before it chose; absent for the first stage, which has no combinations.
 * @returns `[batch, candidates]`.
 */
export function afterChoice(table: tf.Tensor2D, before: Applied | undefined): tf.Tensor2D {
  if (!before) return table;
  const { weights, index } = before.joint;
  const [batch, combinations] = weights.shape;
  const split = table.reshape([batch, combinations, table.shape[1] / combinations]);
  return gatherChoice(split, index) as tf.Tensor2D;
}

/** Results as the encoder reads them, without a gap at their beginning. */
interface ClosedResults {
  vectors: tf.Tensor3D;
  /** 1 = a token of a result, float32 `[batch, slots]`. */
  filled: tf.Tensor2D;
  /** 1 = a token of a result or a [SEP]. */
  mask: tf.Tensor2D;
}

/** A result and the [SEP] right behind it, wherever that is. */
function closeResult(result: ResultTokens, table: tf.Tensor2D, separator: tf.Tensor): ClosedResults {
  const slots = result.mask.shape[1]! + 1;
  const closing = oneHot(result.lengths, slots) as tf.Tensor2D;
  const filled = result.mask.pad([
    [0, 0],
    [0, 1],
  ]) as tf.Tensor2D;
  const vectors = result
    .embed(table)
    .pad([
      [0, 0],
      [0, 1],
      [0, 0],
    ])
    .add(closing.expandDims(-1).mul(separator)) as tf.Tensor3D;
  return { vectors, filled, mask: filled.add(closing) as tf.Tensor2D };
}

/** The second one's tokens right behind the first one's. */
function joinClosed(first: ClosedResults, second: ClosedResults): ClosedResults {
  const [own, slots] = [first.mask.shape[1]!, second.mask.shape[1]!];
  const all = own + slots;
  const begin = first.mask.sum(1, true).cast("int32");
  const slot = tf.range(0, all, 1, "int32").expandDims(0).sub(begin) as tf.Tensor2D;
  const whole = (value: number) => tf.scalar(value, "int32");
  const index = tf.minimum(tf.maximum(slot, whole(0)), whole(slots - 1)) as tf.Tensor2D;
  const inside = tf.equal(slot, index).cast("float32");
  const join = (x: tf.Tensor3D, y: tf.Tensor3D) =>
    x
      .pad([
        [0, 0],
        [0, slots],
        [0, 0],
      ])
      .add(selectRows(y, index).mul(inside.expandDims(-1))) as tf.Tensor3D;
  const joinMasks = (x: tf.Tensor2D, y: tf.Tensor2D) =>
    join(x.expandDims(-1), y.expandDims(-1)).squeeze([-1]) as tf.Tensor2D;
  return {
    vectors: join(first.vectors, second.vectors),
    filled: joinMasks(first.filled, second.filled),
    mask: joinMasks(first.mask, second.mask),
  };
}

function firstTokens(x: tf.Tensor3D, tokens: number): tf.Tensor3D {
  return x.shape[1] === tokens ? x : x.slice([0, 0, 0], [-1, tokens, -1]);
}

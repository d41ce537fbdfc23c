import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import { answerQuestions } from "../reader/answerQuestions";
import type { ReadWindow } from "../reader/decodeAnswer";
import { functionCall } from "../reader/functionCall";
import type { FunctionCall, Prediction } from "../reader/prediction";
import type { ReaderLimits } from "../reader/reader";
import type { ReaderConfig } from "../reader/readerConfig";
import type { PreparedText } from "../reader/readerFeatures";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import type { OnnxModel } from "./onnxRuntime";

interface ExportedReaderParts {
  config: ReaderConfig;
  limits: ReaderLimits;
  tokenizer: DigitTokenizer;
  layer: SymbolicLayer | undefined;
  models: { answer: OnnxModel; terms: OnnxModel | undefined };
}

/** What the second graph reads of one text: the text, and what the function returned for the choice. */
interface Sequence {
  ids: number[];
  passageStart: number;
}

/** A reader that runs from ONNX files, without TensorFlow.js models. Made by `loadExportedReader`. */
export class ExportedReader {
  readonly config: ReaderConfig;
  readonly limits: ReaderLimits;
  readonly tokenizer: DigitTokenizer;
  /** The function as a layer; undefined without a calculator. */
  readonly layer: SymbolicLayer | undefined;
  readonly #models: ExportedReaderParts["models"];

  /** @internal Use `loadExportedReader`. */
  constructor({ config, limits, tokenizer, layer, models }: ExportedReaderParts) {
    this.config = config;
    this.limits = limits;
    this.tokenizer = tokenizer;
    this.layer = layer;
    this.#models = models;
  }

  /** As `Reader.predict`. */
  predict(batch: readonly { passage: string; question: string }[]): Promise<Prediction[]> {
    return answerQuestions(batch, this, (part) => this.#read(part));
  }

  async #read(part: readonly PreparedText[]): Promise<ReadWindow[]> {
    const choices = await this.#choose(part);
    const sequences = part.map((text, row) => this.#sequence(text, choices[row]?.candidate));
    const tokens = sequences.reduce((most, { ids }) => Math.max(most, ids.length), 0);
    const { start_logits: start, end_logits: end } = await this.#models.answer.run(
      textFeeds(sequences, tokens, this.#padding),
    );
    return part.map((text, row) => {
      const length = sequences[row]!.ids.length;
      const cut = (logits: Float32Array) => logits.slice(row * tokens, row * tokens + length);
      return { text, call: choices[row]?.call, start: cut(start!), end: cut(end!) };
    });
  }

  /** The best arguments of each text; undefined where there are none. */
  async #choose(
    part: readonly PreparedText[],
  ): Promise<({ candidate: number; call: FunctionCall } | undefined)[]> {
    const { terms } = this.#models;
    // A graph has no axis of length 0: texts without candidates are not asked.
    const asked = part.filter(({ features }) => features.results?.row.mask.some((allowed) => allowed));
    if (!terms || asked.length === 0) return part.map(() => undefined);
    const features = asked.map((text) => text.features);
    const longest = (sizes: number[]) => sizes.reduce((most, size) => Math.max(most, size), 0);
    const tokens = longest(features.map(({ ids }) => ids.length));
    const quantities = longest(features.map((one) => one.quantities.length));
    const candidates = longest(features.map(({ results }) => results!.candidates));
    const { argumentCount } = features[0]!.results!;
    const column = (width: number, values: (row: number) => ArrayLike<number>) => {
      const data = new Int32Array(features.length * width);
      for (let row = 0; row < features.length; row++) data.set(values(row), row * width);
      return { data, shape: [features.length, width] };
    };
    const argument = (position: number) =>
      column(candidates, (row) => {
        const { values, candidates: count } = features[row]!.results!;
        return Array.from({ length: count }, (_, i) => values[i * argumentCount + position]!);
      });
    const { scores } = await terms.run({
      ...textFeeds(features, tokens, this.#padding),
      quantities: column(quantities, (row) => features[row]!.quantities),
      ...Object.fromEntries(
        Array.from({ length: argumentCount }, (_, position) => [`argument_${position}`, argument(position)]),
      ),
    });
    return part.map((text) => {
      const row = asked.indexOf(text);
      if (row < 0) return undefined;
      const { mask } = text.features.results!.row;
      const own = scores!.subarray(row * candidates, row * candidates + mask.length);
      const { candidate, probability } = best(own, mask);
      return { candidate, call: functionCall(this.layer!.function, text, candidate, probability) };
    });
  }

  /** `[CLS] question [SEP] passage [SEP]`, and with a calculator the function's result and another [SEP]. */
  #sequence({ features }: PreparedText, candidate: number | undefined): Sequence {
    const { ids, passageStart, results } = features;
    if (!this.layer) return { ids: [...ids], passageStart };
    const { row } = results!;
    const { outputVocabulary } = this.layer;
    const result =
      candidate === undefined
        ? []
        : Array.from(
            row.ids.subarray(row.offsets[candidate]!, row.offsets[candidate + 1]!),
            (id) => outputVocabulary[id]!,
          );
    return { ids: [...ids, ...result, this.tokenizer.special.sep], passageStart };
  }

  get #padding() {
    return { id: this.tokenizer.special.pad, segments: this.config.type_vocab_size > 0 };
  }

  /** Frees the sessions. */
  async dispose(): Promise<void> {
    await this.#models.answer.release();
    await this.#models.terms?.release();
  }
}

/** The highest score among the allowed ones, the first of equals, and its softmax probability. */
function best(scores: Float32Array, allowed: ArrayLike<number>): { candidate: number; probability: number } {
  let candidate = -1;
  for (const [i, score] of scores.entries()) {
    if (allowed[i] && (candidate < 0 || score > scores[candidate]!)) candidate = i;
  }
  let sum = 0;
  for (const [i, score] of scores.entries()) if (allowed[i]) sum += Math.exp(score - scores[candidate]!);
  return { candidate, probability: 1 / sum };
}

/** Tokens, mask and segments, padded on the right. */
function textFeeds(
  texts: readonly { ids: ArrayLike<number>; passageStart: number }[],
  tokens: number,
  padding: { id: number; segments: boolean },
): Record<string, { data: Int32Array; shape: number[] }> {
  const shape = [texts.length, tokens];
  const ids = new Int32Array(texts.length * tokens).fill(padding.id);
  const mask = new Int32Array(ids.length);
  const segments = new Int32Array(ids.length);
  for (const [row, text] of texts.entries()) {
    const from = row * tokens;
    ids.set(text.ids, from);
    mask.fill(1, from, from + text.ids.length);
    segments.fill(1, from + text.passageStart, from + text.ids.length);
  }
  return {
    input_ids: { data: ids, shape },
    attention_mask: { data: mask, shape },
    ...(padding.segments ? { token_type_ids: { data: segments, shape } } : {}),
  };
}

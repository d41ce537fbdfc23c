import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import { answerQuestions } from "../reader/answerQuestions";
import { functionCall } from "../reader/functionCall";
import { candidateChain, tokensBefore } from "../reader/functionRow";
import type { FunctionCall, Prediction } from "../reader/prediction";
import type { ReaderLimits } from "../reader/reader";
import type { ReaderConfig } from "../reader/readerConfig";
import type { PreparedText } from "../reader/readerFeatures";
import type { ReadWindow } from "../reader/readWindow";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import type { OnnxModel } from "./onnxRuntime";

interface ExportedReaderParts {
  config: ReaderConfig;
  limits: ReaderLimits;
  tokenizer: DigitTokenizer;
  layers: readonly SymbolicLayer[];
  /** `terms` scores each function's tuples. */
  models: { answer: OnnxModel; terms: readonly OnnxModel[] };
}

/** What a graph reads of one text: the text, and what was called so far behind it. */
interface Sequence {
  text: PreparedText;
  ids: number[];
  passageStart: number;
  calls: FunctionCall[];
  /** The last call's candidate, over all stages so far; undefined before the first, and where nothing could be called. */
  candidate: number | undefined;
}

/** A reader that runs from ONNX files, without TensorFlow.js models. Made by `loadExportedReader`. */
export class ExportedReader {
  readonly config: ReaderConfig;
  readonly limits: ReaderLimits;
  readonly tokenizer: DigitTokenizer;
  /** The functions as layers, in the order in which they are called; empty without a calculator. */
  readonly layers: readonly SymbolicLayer[];
  readonly #models: ExportedReaderParts["models"];

  /** @internal Use `loadExportedReader`. */
  constructor({ config, limits, tokenizer, layers, models }: ExportedReaderParts) {
    this.config = config;
    this.limits = limits;
    this.tokenizer = tokenizer;
    this.layers = layers;
    this.#models = models;
  }

  /** The first function as a layer; undefined without a calculator. */
  get layer(): SymbolicLayer | undefined {
    return this.layers[0];
  }

  /** As `Reader.predict`. */
  predict(batch: readonly { passage: string; question: string }[]): Promise<Prediction[]> {
    return answerQuestions(batch, this, (part) => this.#read(part));
  }

  async #read(part: readonly PreparedText[]): Promise<ReadWindow[]> {
    const sequences = part.map(
      (text): Sequence => ({
        text,
        ids: [...text.features.ids],
        passageStart: text.features.passageStart,
        calls: [],
        candidate: undefined,
      }),
    );
    for (const stage of this.layers.keys()) await this.#call(stage, sequences);
    const tokens = longest(sequences.map(({ ids }) => ids.length));
    const { start_logits: start, end_logits: end } = await this.#models.answer.run(
      textFeeds(sequences, tokens, this.#padding),
    );
    return sequences.map(({ text, calls, ids }, row) => {
      const cut = (logits: Float32Array) => logits.slice(row * tokens, row * tokens + ids.length);
      return { text, calls, start: cut(start!), end: cut(end!) };
    });
  }

  /** Calls a function with the best arguments of each text, and puts the result behind it. */
  async #call(stage: number, sequences: readonly Sequence[]): Promise<void> {
    const asked = sequences.flatMap((sequence) => {
      const mask = allowedAfter(sequence, stage);
      // A graph has no axis of length 0: texts without candidates are not asked.
      return mask.some((allowed) => allowed) ? [{ sequence, mask }] : [];
    });
    if (asked.length > 0) {
      const scores = await this.#score(
        stage,
        asked.map(({ sequence }) => sequence),
      );
      for (const [row, { sequence, mask }] of asked.entries()) {
        const { candidate: own, probability } = best(scores[row]!, mask);
        const candidate = (sequence.candidate ?? 0) * mask.length + own;
        sequence.candidate = candidate;
        const { function: fn, outputVocabulary } = this.layers[stage]!;
        sequence.calls.push(functionCall(fn, sequence.text, stage, candidate, probability));
        const { row: results } = sequence.text.features.stages[stage]!;
        const from = results.offsets[candidate]!;
        const result = results.ids.subarray(from, results.offsets[candidate + 1]!);
        sequence.ids.push(...Array.from(result, (id) => outputVocabulary[id]!));
      }
    }
    for (const sequence of sequences) {
      sequence.ids.push(this.tokenizer.special.sep);
      if (sequence.calls.length <= stage) sequence.candidate = undefined;
    }
  }

  /** The score of each own candidate, for each text. */
  async #score(stage: number, asked: readonly Sequence[]): Promise<Float32Array[]> {
    const rows = asked.map(({ text }) => text.features.stages[stage]!);
    const places = asked.map((sequence) => valuePlaces(sequence, stage));
    const tokens = longest(asked.map(({ ids }) => ids.length));
    const quantities = longest(places.map(({ length }) => length));
    const candidates = longest(rows.map((row) => row.candidates));
    const column = (width: number, values: (row: number) => ArrayLike<number>) => {
      const data = new Int32Array(asked.length * width);
      for (let row = 0; row < asked.length; row++) data.set(values(row), row * width);
      return { data, shape: [asked.length, width] };
    };
    const { argumentCount } = rows[0]!;
    const argument = (position: number) =>
      column(candidates, (row) => {
        const { values, candidates: count } = rows[row]!;
        return Array.from({ length: count }, (_, i) => values[i * argumentCount + position]!);
      });
    const { scores } = await this.#models.terms[stage]!.run({
      ...textFeeds(asked, tokens, this.#padding),
      quantities: column(quantities, (row) => places[row]!),
      ...Object.fromEntries(
        Array.from({ length: argumentCount }, (_, position) => [`argument_${position}`, argument(position)]),
      ),
    });
    return rows.map((own, row) => scores!.subarray(row * candidates, row * candidates + own.candidates));
  }

  get #padding() {
    return { id: this.tokenizer.special.pad, segments: this.config.type_vocab_size > 0 };
  }

  /** Frees the sessions. */
  async dispose(): Promise<void> {
    await this.#models.answer.release();
    for (const terms of this.#models.terms) await terms.release();
  }
}

const longest = (sizes: number[]) => sizes.reduce((most, size) => Math.max(most, size), 0);

/** 1 for each own candidate of a stage that may be chosen after the calls so far. */
function allowedAfter({ text, calls, candidate = 0 }: Sequence, stage: number): Uint8Array {
  if (calls.length < stage) return new Uint8Array();
  const { row, candidates } = text.features.stages[stage]!;
  return row.mask.subarray(candidate * candidates, (candidate + 1) * candidates);
}

/** Where the values that a stage may take stand: the text's quantities, then what each call gave. */
function valuePlaces({ text: { features }, candidate = 0 }: Sequence, stage: number): number[] {
  const earlier = features.stages.slice(0, stage);
  const chain = candidateChain(earlier, candidate);
  const given = earlier.flatMap(({ given: count, givenPlaces }, i) => {
    const begin = features.ids.length + tokensBefore(earlier.slice(0, i + 1), chain[i]!);
    return Array.from(givenPlaces.subarray(chain[i]! * count, (chain[i]! + 1) * count), (at) => begin + at);
  });
  return [...features.quantities, ...given];
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

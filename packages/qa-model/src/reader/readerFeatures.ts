import { SymgradError } from "@symgrad/core";
import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import { readNumber } from "../internal/readNumber";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";
import { createFunctionRow, type FunctionRow, findComputed, findResultSpans } from "./functionRow";

/** One example as the model reads it; small typed arrays, so that a data set of them fits in memory. */
export interface ReaderFeatures {
  /** `[CLS] question [SEP] passage [SEP]`. */
  ids: Int32Array;
  /** Index of the passage's first token; the question's tokens are 1 to `passageStart - 2`. */
  passageStart: number;
  /** Index of the first digit of each quantity, in order of occurrence: the question's, then the passage's. */
  quantities: Int32Array;
  /** How many of them stand in the question. */
  questionQuantities: number;
  /** The candidates and what the function returns for each; absent without a calculator. */
  results: FunctionRow | undefined;
}

/** What the losses need on top, from the answer. */
export interface ReaderTargets {
  /** Start and end token of each answer span in question and passage, in pairs; ends inclusive. */
  spans: Int32Array;
  /** Candidate, start and end of each answer span within a function result, in triples. */
  resultSpans: Int32Array;
  /** Candidates that compute the answer. */
  labels: Int32Array;
}

/** A text with the offsets that lead back to it. */
export interface EncodedText {
  ids: Int32Array;
  /** Start and end of each token in UTF-16 units, in pairs. */
  offsets: Int32Array;
}

export interface FeatureOptions {
  tokenizer: DigitTokenizer;
  /** Absent for a reader without a calculator. */
  layer?: SymbolicLayer | undefined;
  /** Longest sequence in tokens, the function's result included. */
  maximumTokens: number;
  /** How many quantities become arguments; the first ones, where a text has more. */
  maximumQuantities: number;
}

/** An example made ready, with what leads back to its texts. */
export interface PreparedText {
  features: ReaderFeatures;
  question: EncodedText;
  passage: EncodedText;
  /** The quantities as decimals without commas, in the order of `features.quantities`. */
  numbers: string[];
}

/**
 * Prepares passages and questions: tokens, quantities, and what the function returns for each tuple of them.
 *
 * @param where Names an example in errors.
 * @throws SymgradError `E_LENGTH` if a text, with its longest function result behind it, is longer than the model reads.
 */
export async function createReaderFeatures(
  examples: readonly { passage: string; question: string }[],
  options: FeatureOptions,
  where: (index: number) => string,
): Promise<PreparedText[]> {
  const { layer } = options;
  const texts = examples.map((example) => encodeExample(example, options));
  if (layer) {
    const rows = await layer.prepareRows(layer.candidates(texts));
    for (const [i, row] of rows.entries()) texts[i]!.features.results = createFunctionRow(layer, row);
  }
  for (const [i, { features }] of texts.entries()) {
    const { results } = features;
    const total = features.ids.length + (results ? results.longest + 1 : 0);
    if (total <= options.maximumTokens) continue;
    throw new SymgradError(
      "E_LENGTH",
      `the question and the passage take ${total} tokens (the function's longest result included), the reader reads ${options.maximumTokens}.`,
      {
        where: where(i),
        hint: "shorten the passage, or train a reader with a larger max_position_embeddings",
      },
    );
  }
  return texts;
}

function encodeExample(
  example: { passage: string; question: string },
  { tokenizer, maximumQuantities }: FeatureOptions,
): PreparedText {
  const { special } = tokenizer;
  const question = tokenizer.tokenize(example.question);
  const passage = tokenizer.tokenize(example.passage);
  const passageStart = question.ids.length + 2;
  const ids = new Int32Array(passageStart + passage.ids.length + 1);
  ids[0] = special.cls;
  ids.set(question.ids, 1);
  ids[passageStart - 1] = special.sep;
  ids.set(passage.ids, passageStart);
  ids[ids.length - 1] = special.sep;

  const found = [
    ...question.numbers.map(({ value, firstToken }) => ({ value, token: 1 + firstToken })),
    ...passage.numbers.map(({ value, firstToken }) => ({ value, token: passageStart + firstToken })),
  ].slice(0, maximumQuantities);
  return {
    features: {
      ids,
      passageStart,
      quantities: Int32Array.from(found, ({ token }) => token),
      questionQuantities: Math.min(question.numbers.length, found.length),
      results: undefined,
    },
    question,
    passage,
    numbers: found.map(({ value }) => value),
  };
}

/**
 * Finds the answer: every span of question and passage that equals it, every span of every function result that does,
 * and the candidates that compute it.
 *
 * @param answers The texts that are right; each span and each candidate is listed once.
 */
export function createReaderTargets(
  features: ReaderFeatures,
  answers: readonly string[],
  { tokenizer, layer }: FeatureOptions,
): ReaderTargets {
  const { ids, passageStart, results } = features;
  const spans = new TupleSet();
  const resultSpans = new TupleSet();
  const labels = new TupleSet();
  for (const answer of answers) {
    const answerIds = tokenizer.encode(answer);
    for (const [from, to] of [
      [1, passageStart - 1],
      [passageStart, ids.length - 1],
    ] as const) {
      const found = findAnswerSpans(
        ids.subarray(from, to),
        answerIds,
        (id) => tokenizer.isContinuation(id),
        tokenizer.decimalPoint,
      );
      for (const [start, end] of found) spans.add([from + start, from + end]);
    }
    if (!results || !layer) continue;
    for (const span of findResultSpans(results, answerIds, layer, tokenizer)) resultSpans.add(span);
    const number = readNumber(answer);
    if (number !== undefined) for (const candidate of findComputed(results, number)) labels.add([candidate]);
  }
  return { spans: spans.flat(), resultSpans: resultSpans.flat(), labels: labels.flat() };
}

/** Small tuples of whole numbers, each kept once, in order of arrival. */
class TupleSet {
  readonly #seen = new Set<string>();
  readonly #values: number[] = [];

  add(tuple: readonly number[]): void {
    const name = tuple.join();
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.#values.push(...tuple);
  }

  flat(): Int32Array {
    return Int32Array.from(this.#values);
  }
}

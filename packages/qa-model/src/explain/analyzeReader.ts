import { permutation, type RandomKey, SymgradError } from "@symgrad/core";
import { otherDigitLengths } from "../data/otherDigitLengths";
import { dropMetrics } from "../metrics/dropMetrics";
import { decodeAnswer } from "../reader/decodeAnswer";
import { answersOf, evaluateReader, type ReaderExample, scorePredictions } from "../reader/evaluateReader";
import { type AnswerSource, type Prediction, predictedAnswer } from "../reader/prediction";
import type { Reader } from "../reader/reader";
import { createReaderFeatures } from "../reader/readerFeatures";
import { JoinedReading } from "./joinedReading";
import { joinText } from "./joinText";

/** Means on the scale 0 to 1. */
export interface GroupScores {
  name: string;
  count: number;
  f1: number;
  exactMatch: number;
  /** Share of examples whose chosen tuple is the gold pair; absent without a calculator or gold pairs. */
  termAccuracy?: number;
}

export interface SwapPair {
  /** A question, and the same with two numbers in each other's place, so that another answer is right. */
  original: ReaderExample;
  swapped: ReaderExample;
}

export interface ReaderAnalysis extends Omit<GroupScores, "name"> {
  /** By the examples' field `type`, where they have one. */
  byType: GroupScores[];
  /** By the digits of the longest number of question and passage. */
  byDigits: GroupScores[];
  /**
   * By the digits of all numbers, on stories that were told anew with shorter and longer ones; with `digitExamples`, where
   * all examples are synthetic and of one task.
   */
  otherDigits?: GroupScores[];
  /** Absent for a reader without a calculator. */
  usage?: {
    /** Share of examples that called the function. */
    called: number;
    /** Share of answers by where they were read. */
    sources: Record<AnswerSource, number>;
    /** Mean probability of the chosen arguments where it was called. */
    certainty: number;
    /**
     * What becomes of the answers when each example reads the result of another one: near 0, the reader does not use the
     * function. Absent with fewer than two calls.
     */
    permutation?: { count: number; f1: number; permutedF1: number; drop: number };
  };
  /** Of the swapped pairs: the answer has to follow the numbers. */
  swap?: {
    count: number;
    originalF1: number;
    swappedF1: number;
    /** Share of pairs where both answers are right. */
    consistent: number;
    /** Share of pairs where the answer did not move. */
    unmoved: number;
  };
  predictions: Prediction[];
}

export interface AnalyzeReaderOptions {
  /** Draws whose result each example reads. */
  key: RandomKey;
  swapped?: readonly SwapPair[] | undefined;
  /** How many stories to tell anew with numbers of each other length, where the examples are synthetic. Default 0. */
  digitExamples?: number | undefined;
  onProgress?: ((done: number, count: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * How a reader answers: scores by type of question and by length of numbers, also of lengths it was not trained on, whether it uses its function, and whether its
 * answers follow swapped numbers.
 *
 * @throws SymgradError `E_USAGE` if there is no example.
 */
export async function analyzeReader(
  reader: Reader,
  examples: readonly ReaderExample[],
  { key, swapped = [], digitExamples = 0, onProgress, signal }: AnalyzeReaderOptions,
): Promise<ReaderAnalysis> {
  const { predictions, f1, exactMatch, termAccuracy, count } = await evaluateReader(reader, examples, {
    onProgress,
    signal,
  });
  const scored = examples.map((example, i) => ({ example, prediction: predictions[i]! }));
  const analysis: ReaderAnalysis = {
    count,
    f1,
    exactMatch,
    ...(termAccuracy === undefined ? {} : { termAccuracy }),
    byType: groups(reader, scored, (example) => (example as { type?: string }).type),
    byDigits: groups(reader, scored, (example) => `${longestNumber(reader, example)}`),
    predictions,
  };
  if (reader.layer) analysis.usage = await usageOf(reader, scored, key, signal);
  const lengths = digitExamples > 0 ? otherDigitLengths(examples, digitExamples) : [];
  for (const { digits, examples: told } of lengths) {
    const { predictions: _, ...scores } = await evaluateReader(reader, told, { signal });
    analysis.otherDigits = [...(analysis.otherDigits ?? []), { name: `${digits}`, ...scores }];
  }
  if (swapped.length > 0) analysis.swap = await swapOf(reader, swapped);
  return analysis;
}

interface Scored {
  example: ReaderExample;
  prediction: Prediction;
}

/** The scores of those that share a name; an example without one is in no group. */
function groups(
  reader: Reader,
  scored: readonly Scored[],
  nameOf: (example: ReaderExample) => string | undefined,
): GroupScores[] {
  const members = new Map<string, Scored[]>();
  for (const one of scored) {
    const name = nameOf(one.example);
    if (name !== undefined) members.set(name, [...(members.get(name) ?? []), one]);
  }
  return [...members]
    .map(([name, group]) => ({ name, count: group.length, ...scoresOf(group, reader) }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function scoresOf(group: readonly Scored[], reader: Reader) {
  const examples = group.map(({ example }) => example);
  const predictions = group.map(({ prediction }) => prediction);
  return scorePredictions(examples, predictions, reader);
}

function longestNumber({ tokenizer }: Reader, { question, passage }: ReaderExample): number {
  const numbers = [question, passage].flatMap((text) => tokenizer.tokenize(text).numbers);
  return numbers.reduce((most, { value }) => Math.max(most, value.replace(/\D/g, "").length), 0);
}

async function usageOf(
  reader: Reader,
  scored: readonly Scored[],
  key: RandomKey,
  signal: AbortSignal | undefined,
): Promise<NonNullable<ReaderAnalysis["usage"]>> {
  const share = (holds: (prediction: Prediction) => boolean) =>
    scored.filter(({ prediction }) => holds(prediction)).length / scored.length;
  const from = (source: AnswerSource) =>
    share((one) => one.answer !== "" && one.head !== "count" && one.source === source);
  const calls = scored.flatMap(({ prediction }) => prediction.calls);
  const permutation = await permuteResults(reader, scored, key, signal);
  return {
    called: share((prediction) => prediction.calls.length > 0),
    sources: { function: from("function"), passage: from("passage"), question: from("question") },
    certainty: calls.reduce((sum, { probability }) => sum + probability, 0) / Math.max(1, calls.length),
    ...(permutation ? { permutation } : {}),
  };
}

/** Each example reads the result of another one: its neighbor in a random circle. */
async function permuteResults(
  reader: Reader,
  scored: readonly Scored[],
  key: RandomKey,
  signal: AbortSignal | undefined,
) {
  const called = scored.filter(({ prediction }) => prediction.calls.length > 0);
  const texts = await createReaderFeatures(
    called.map(({ example }) => example),
    reader.featureOptions,
    (i) => `example ${i}`,
  );
  // A passage that is read in windows has several readings: it is left out.
  const whole = called.flatMap((one, i) => {
    const windows = texts.filter(({ example }) => example === i);
    return windows.length === 1 ? [{ ...one, text: windows[0]! }] : [];
  });
  if (whole.length < 2) return undefined;
  const circle = permutation(key, whole.length);
  const permuted: Scored[] = [];
  const reading = new JoinedReading(reader);
  try {
    for (const [place, index] of circle.entries()) {
      if (signal?.aborted) throw new SymgradError("E_ABORT", "the analysis was stopped.");
      const { example, prediction, text } = whole[index]!;
      const other = whole[circle[(place + 1) % whole.length]!]!.prediction;
      const results = reader.layers.map((_, stage) => other.calls[stage]?.result ?? "");
      const joined = joinText(text, results, reader.tokenizer);
      if (joined.ids.length > reader.config.max_position_embeddings) continue;
      const calls = prediction.calls.map((call, stage) => ({ ...call, result: results[stage]! }));
      const logits = await reading.read(joined);
      permuted.push({ example, prediction: decodeAnswer([{ text, calls, ...logits }], example, reader) });
    }
  } finally {
    reading.dispose();
  }
  const kept = new Set(permuted.map(({ example }) => example));
  const own = whole.filter(({ example }) => kept.has(example));
  const [f1, permutedF1] = [scoresOf(own, reader).f1, scoresOf(permuted, reader).f1];
  return { count: permuted.length, f1, permutedF1, drop: f1 - permutedF1 };
}

async function swapOf(
  reader: Reader,
  pairs: readonly SwapPair[],
): Promise<NonNullable<ReaderAnalysis["swap"]>> {
  const read = (examples: ReaderExample[]) => evaluateReader(reader, examples);
  const original = await read(pairs.map((pair) => pair.original));
  const swapped = await read(pairs.map((pair) => pair.swapped));
  const right = (example: ReaderExample, prediction: Prediction) =>
    (example.golds ?? answersOf(example)).some(
      (gold) => dropMetrics(predictedAnswer(prediction), gold).exactMatch === 1,
    );
  const share = (holds: (pair: SwapPair, before: Prediction, after: Prediction) => boolean) =>
    pairs.filter((pair, i) => holds(pair, original.predictions[i]!, swapped.predictions[i]!)).length /
    pairs.length;
  return {
    count: pairs.length,
    originalF1: original.f1,
    swappedF1: swapped.f1,
    consistent: share((pair, before, after) => right(pair.original, before) && right(pair.swapped, after)),
    unmoved: share(
      (_, before, after) => dropMetrics(predictedAnswer(after), predictedAnswer(before)).exactMatch === 1,
    ),
  };
}

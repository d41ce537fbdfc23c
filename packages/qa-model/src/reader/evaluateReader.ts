import { SymgradError } from "@symgrad/core";
import { dropMetrics } from "../metrics/dropMetrics";
import { type Prediction, predictedAnswer } from "./prediction";
import type { Reader } from "./reader";

/** An example with its answer; `gold_pair` indexes the passage's numbers in order of occurrence. */
export interface ReaderExample {
  passage: string;
  question: string;
  answer: string;
  /** All texts that are right, where there are several. */
  answers?: readonly string[] | undefined;
  /** What annotators gave, each one or more spans; the metric compares these where they are given. */
  golds?: readonly (readonly string[])[] | undefined;
  gold_pair?: readonly number[] | null | undefined;
  /** The values of the right arguments of each function that is called, in order, numbers without commas. */
  gold_arguments?: readonly (readonly string[])[] | null | undefined;
  /** Where annotators marked the answer in the passage: start and end in UTF-16 units. */
  spans?: readonly (readonly [start: number, end: number])[] | undefined;
  /** Nothing in the passage answers the question: `answer` is "". */
  impossible?: boolean | undefined;
}

/** The texts that are right. */
export function answersOf({ answer, answers }: ReaderExample): readonly string[] {
  return answers && answers.length > 0 ? answers : [answer];
}

/** Scores on the scale 0 to 1. */
export interface ReaderEvaluation {
  /** Mean DROP F1 of the best spans, of several right answers the best one's. */
  f1: number;
  /** Mean DROP exact match. */
  exactMatch: number;
  /**
   * Share of examples for which the first function's arguments are the gold pair, in any order; absent without a
   * calculator or gold pairs.
   */
  termAccuracy?: number;
  /** The same for each function, by the values of `gold_arguments`; absent where no example has them. */
  stageAccuracy?: number[];
  count: number;
  predictions: Prediction[];
}

export interface EvaluateReaderOptions {
  /** Called with the number of examples done. */
  onProgress?: ((done: number, count: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Scores a reader's best answers, without noise.
 *
 * @throws SymgradError `E_USAGE` if there is no example: a mean over nothing is not a number.
 */
export async function evaluateReader(
  reader: Reader,
  examples: readonly ReaderExample[],
  options: EvaluateReaderOptions = {},
): Promise<ReaderEvaluation> {
  const count = examples.length;
  if (count === 0) throw new SymgradError("E_USAGE", "evaluateReader: there is no example to score.");
  const predictions: Prediction[] = [];
  const portion = 512;
  for (let from = 0; from < count; from += portion) {
    if (options.signal?.aborted) throw new SymgradError("E_ABORT", "evaluation was stopped.");
    predictions.push(...(await reader.predict(examples.slice(from, from + portion))));
    options.onProgress?.(predictions.length, count);
  }
  return { ...scorePredictions(examples, predictions, reader), count, predictions };
}

/** Scores on the scale 0 to 1. */
export type PredictionScores = Pick<ReaderEvaluation, "f1" | "exactMatch" | "termAccuracy" | "stageAccuracy">;

/**
 * Scores predictions that a reader made, one per example, such as those of one type of questions.
 *
 * @throws SymgradError `E_USAGE` if there is no example: a mean over nothing is not a number.
 */
export function scorePredictions(
  examples: readonly ReaderExample[],
  predictions: readonly Prediction[],
  reader: Reader,
): PredictionScores {
  const count = examples.length;
  if (count === 0) throw new SymgradError("E_USAGE", "scorePredictions: there is no example to score.");
  let f1 = 0;
  let exactMatch = 0;
  let right = 0;
  let pairs = 0;
  const stages = reader.layers.map(() => ({ right: 0, count: 0 }));
  for (const [i, example] of examples.entries()) {
    const prediction = predictions[i]!;
    const metrics = (example.golds ?? answersOf(example)).map((gold) =>
      dropMetrics(predictedAnswer(prediction), gold),
    );
    f1 += Math.max(...metrics.map((metric) => metric.f1));
    exactMatch += Math.max(...metrics.map((metric) => metric.exactMatch));
    if (example.gold_pair) {
      pairs++;
      if (isGoldPair(reader, prediction, example)) right++;
    }
    for (const [stage, gold] of (example.gold_arguments ?? []).entries()) {
      const score = stages[stage];
      if (!score) continue;
      score.count++;
      if (sameInAnyOrder(prediction.calls[stage]?.arguments ?? [], gold)) score.right++;
    }
  }
  return {
    f1: f1 / count,
    exactMatch: exactMatch / count,
    ...(reader.layer && pairs > 0 ? { termAccuracy: right / pairs } : {}),
    ...(stages.some((stage) => stage.count > 0)
      ? { stageAccuracy: stages.map((stage) => stage.right / Math.max(1, stage.count)) }
      : {}),
  };
}

function isGoldPair(reader: Reader, prediction: Prediction, example: ReaderExample): boolean {
  const call = prediction.calls[0];
  if (!call) return false;
  const before = reader.tokenizer.tokenize(example.question).numbers.length;
  const chosen = call.quantities.map((quantity) => quantity - before);
  return sameInAnyOrder(chosen.map(String), example.gold_pair!.map(String));
}

function sameInAnyOrder(some: readonly string[], others: readonly string[]): boolean {
  const [a, b] = [[...some].sort(), [...others].sort()];
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

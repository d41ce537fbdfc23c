import { SymgradError } from "@symgrad/core";
import { maximumAssignment } from "./maximumAssignment";
import { normalizeDropAnswer } from "./normalizeDropAnswer";
import { numpyMean } from "./numpyMean";
import { pythonFloat, pythonSplit } from "./pythonFloat";

/** Scores of one answer, each from 0 to 1. */
export interface DropMetrics {
  exactMatch: number;
  /** Rounded to two decimals, as the official evaluator does before it averages. */
  f1: number;
}

/**
 * Scores an answer as the official DROP evaluator does: a list is an answer of several spans.
 *
 * @returns `f1` is NaN if both lists are empty, as in the original; two empty texts score 1.
 * @throws SymgradError `E_DTYPE` if an answer is neither text nor a list of texts.
 * @see `get_metrics` in allennlp_rc/eval/drop_eval.py of allenai/allennlp-reading-comprehension at 14fc0a4; Dua et al.
 *   2019, arXiv:1903.00161.
 * @example dropMetrics("3,591,641", "3591641"); // { exactMatch: 1, f1: 1 }
 */
export function dropMetrics(
  prediction: string | readonly string[],
  gold: string | readonly string[],
): DropMetrics {
  const predicted = toSpans("prediction", prediction).map(normalizeDropAnswer);
  const wanted = toSpans("gold", gold).map(normalizeDropAnswer);
  const exact = predicted.length === wanted.length && equalSets(new Set(predicted), new Set(wanted));
  return { exactMatch: exact ? 1 : 0, f1: alignedF1(predicted.map(toBag), wanted.map(toBag)) };
}

function toSpans(name: string, answer: unknown): readonly string[] {
  const spans: unknown[] = Array.isArray(answer) ? answer : [answer];
  for (const span of spans) {
    if (typeof span === "string") continue;
    const got = span === null ? "null" : typeof span;
    throw new SymgradError(
      "E_DTYPE",
      `dropMetrics: \`${name}\` must be text or a list of texts, got ${got}.`,
    );
  }
  return spans as string[];
}

/** The set of a normalized span's tokens: repeated words count once. */
function toBag(normalized: string): Set<string> {
  return new Set(pythonSplit(normalized));
}

function equalSets(a: Set<string>, b: Set<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

/** The mean F1 over the best pairing of spans; spans left over count as 0. */
function alignedF1(predicted: readonly Set<string>[], gold: readonly Set<string>[]): number {
  const scores = gold.map((wanted) => predicted.map((found) => bagF1(found, wanted)));
  const slots = new Array<number>(Math.max(predicted.length, gold.length)).fill(0);
  for (const [row, column] of maximumAssignment(scores).entries()) {
    if (column >= 0) slots[row] = scores[row]![column]!;
  }
  return roundHalfEven(numpyMean(slots) * 100) / 100;
}

function bagF1(predicted: Set<string>, gold: Set<string>): number {
  const isNumber = (token: string) => pythonFloat(token) !== undefined;
  const numbers = [...gold].filter(isNumber);
  if (numbers.length > 0 && !numbers.some((number) => predicted.has(number))) return 0;
  const common = [...gold].filter((token) => predicted.has(token)).length;
  const precision = predicted.size === 0 ? 1 : common / predicted.size;
  const recall = gold.size === 0 ? 1 : common / gold.size;
  if (precision === 0 && recall === 0) return 0;
  return (2 * precision * recall) / (precision + recall);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

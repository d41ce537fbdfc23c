import {
  compactRow,
  consistentCandidates,
  type PreparedRow,
  type SymbolicLayer,
} from "@symgrad/symbolic-plugins";
import { readNumber } from "../internal/readNumber";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";
import { findTimes } from "../tokenization/findTimes";
import { argumentLayout } from "./argumentLayout";

/** What a function returns for every candidate tuple of one example's quantities. */
export interface FunctionRow {
  readonly row: PreparedRow;
  readonly candidates: number;
  /** Arguments per tuple. */
  readonly argumentCount: number;
  /** `[candidates, argumentCount]`, flat: which of the literals and, behind them, of the text's quantities each is. */
  readonly values: Int32Array;
  /** Longest result that may be chosen, in tokens. */
  readonly longest: number;
}

/** @param numberCount How many of the text's quantities are numbers; its dates stand behind them. */
export function createFunctionRow(layer: SymbolicLayer, row: PreparedRow, numberCount: number): FunctionRow {
  let longest = 0;
  for (let i = 0; i < row.count; i++) longest = Math.max(longest, row.offsets[i + 1]! - row.offsets[i]!);
  const { arguments: places, literals } = argumentLayout(layer.function);
  const begins = places.map((place) =>
    typeof place === "number" ? place : literals.length + (place === "dates" ? numberCount : 0),
  );
  const values = row.tuples.map((index, i) => begins[i % begins.length]! + index);
  return { row, candidates: row.count, argumentCount: begins.length, values, longest };
}

/** The row without texts, which only labels and explanations need. */
export function compactFunctionRow(results: FunctionRow): FunctionRow {
  return { ...results, row: compactRow(results.row) };
}

/** The text that the function returned for a candidate; needs a row with texts. */
export function resultText({ row }: FunctionRow, candidate: number): string {
  const result = row.results?.[candidate];
  return result?.kind === "ok" ? result.text : "";
}

/**
 * The candidates that compute the answer: a number, however it is written, a date or duration, or another of the words that
 * the function lists as its values, such as a weekday. Needs a row with texts.
 */
export function findComputed({ row }: FunctionRow, answer: string): number[] {
  const number = readNumber(answer);
  if (number !== undefined) {
    const size = Number(number);
    // Equal decimals are equal as floats, which is quick to see, but not the other way round.
    const same = (value: string) => Number(value) === size && readNumber(value) === number;
    return consistentCandidates(row, ({ values }) => values.some(same));
  }
  const wanted = canonicalTime(answer);
  return consistentCandidates(row, ({ values }) => values.some((value) => canonicalTime(value) === wanted));
}

/** A text that is one date or duration as date arithmetic writes it; any other text in lower case. */
function canonicalTime(text: string): string {
  const trimmed = text.trim();
  const [time] = findTimes(trimmed);
  const whole = time !== undefined && time.start === 0 && time.end === trimmed.length;
  return whole ? time.value : trimmed.toLowerCase();
}

/** Where the answer's tokens stand in the results, whole words and numbers only: candidate, start, end (inclusive). */
export function findResultSpans(
  { row }: FunctionRow,
  answer: ArrayLike<number>,
  layer: SymbolicLayer,
  tokenizer: DigitTokenizer,
): [candidate: number, start: number, end: number][] {
  const { outputVocabulary } = layer;
  const local = Array.from(answer, (id) => outputVocabulary.indexOf(id));
  if (local.includes(-1)) return [];
  const continues = Array.from(outputVocabulary, (id) => tokenizer.isContinuation(id));
  const point = tokenizer.decimalPoint === undefined ? -1 : outputVocabulary.indexOf(tokenizer.decimalPoint);
  const found: [number, number, number][] = [];
  for (let candidate = 0; candidate < row.count; candidate++) {
    if (!row.mask[candidate]) continue;
    const ids = row.ids.subarray(row.offsets[candidate]!, row.offsets[candidate + 1]!);
    const spans = findAnswerSpans(ids, local, (id) => continues[id]!, point);
    for (const [start, end] of spans) found.push([candidate, start, end]);
  }
  return found;
}

import {
  compactRow,
  consistentCandidates,
  type PreparedRow,
  type SymbolicLayer,
} from "@symgrad/symbolic-plugins";
import { readNumber } from "../internal/readNumber";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";

/** What a function returns for every candidate tuple of one example's quantities. */
export interface FunctionRow {
  readonly row: PreparedRow;
  readonly candidates: number;
  /** Arguments per tuple. */
  readonly argumentCount: number;
  /** Longest result that may be chosen, in tokens. */
  readonly longest: number;
}

export function createFunctionRow(layer: SymbolicLayer, row: PreparedRow): FunctionRow {
  let longest = 0;
  for (let i = 0; i < row.count; i++) longest = Math.max(longest, row.offsets[i + 1]! - row.offsets[i]!);
  const argumentCount = Object.keys(layer.function.args).length;
  return { row, candidates: row.count, argumentCount, longest };
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

/** The candidates that compute `number`, a decimal without commas; needs a row with texts. */
export function findComputed({ row }: FunctionRow, number: string): number[] {
  const size = Number(number);
  // Equal decimals are equal as floats, which is quick to see, but not the other way round.
  const same = (value: string) => Number(value) === size && readNumber(value) === number;
  return consistentCandidates(row, ({ values }) => values.some(same));
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

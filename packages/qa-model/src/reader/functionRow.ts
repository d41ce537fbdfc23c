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

/** What the function of one stage returns for every candidate tuple of one example. */
export interface FunctionRow {
  /** Over this and all earlier stages; see `PreparedRow.axes`. */
  readonly row: PreparedRow;
  /** Candidates of this stage's own. */
  readonly candidates: number;
  /** Arguments per tuple. */
  readonly argumentCount: number;
  /**
   * `[candidates, argumentCount]`, flat: which of the literals, behind them of the text's quantities, and behind those of
   * the values that each earlier stage gave, each is.
   */
  readonly values: Int32Array;
  /** Longest result that may be chosen, in tokens. */
  readonly longest: number;
  /** How many values of a result a later stage may take: the most that any result has; 0 for the last stage. */
  readonly given: number;
  /** `[row.count, given]`, flat: the token of the result at which each of its values begins. */
  readonly givenPlaces: Int32Array;
}

/** The longest result of a row, in tokens. */
export function longestResult({ offsets, count }: PreparedRow): number {
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  return longest;
}

/**
 * The candidate of each stage on the way to one of the last stage.
 *
 * @param stages All stages up to the one that `candidate` belongs to.
 */
export function candidateChain(stages: readonly FunctionRow[], candidate: number): number[] {
  const chain = [candidate];
  for (let stage = stages.length - 1; stage > 0; stage--) {
    chain.unshift(Math.floor(chain[0]! / stages[stage]!.candidates));
  }
  return chain;
}

/** How many tokens the results of earlier stages take, with the [SEP] behind each, before that of the last stage. */
export function tokensBefore(stages: readonly FunctionRow[], candidate: number): number {
  const chain = candidateChain(stages, candidate);
  let tokens = 0;
  for (let stage = 0; stage < stages.length - 1; stage++) {
    const { offsets } = stages[stage]!.row;
    tokens += offsets[chain[stage]! + 1]! - offsets[chain[stage]!]! + 1;
  }
  return tokens;
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
  return readTime(text) ?? text.trim().toLowerCase();
}

/** A text that is one date or duration, as date arithmetic writes it. */
export function readTime(text: string): string | undefined {
  const trimmed = text.trim();
  const [time] = findTimes(trimmed);
  return time !== undefined && time.start === 0 && time.end === trimmed.length ? time.value : undefined;
}

/** Where the answer's tokens stand in the results, whole words and numbers only: candidate, start, end (inclusive). */
export function findResultSpans(
  { row }: FunctionRow,
  answer: ArrayLike<number>,
  layer: SymbolicLayer,
  tokenizer: DigitTokenizer,
): [candidate: number, start: number, end: number][] {
  const { find } = resultSearch(layer, tokenizer);
  const found: [number, number, number][] = [];
  for (let candidate = 0; candidate < row.count; candidate++) {
    if (!row.mask[candidate]) continue;
    for (const [start, end] of find(row, candidate, answer)) found.push([candidate, start, end]);
  }
  return found;
}

/** Looks for tokens in the results of a layer, which are kept in an output vocabulary of their own. */
export function resultSearch({ outputVocabulary }: SymbolicLayer, tokenizer: DigitTokenizer) {
  const localOf = new Map(Array.from(outputVocabulary, (id, local) => [id, local]));
  const continues = Array.from(outputVocabulary, (id) => tokenizer.isContinuation(id));
  const point = tokenizer.decimalPoint === undefined ? -1 : (localOf.get(tokenizer.decimalPoint) ?? -1);
  return {
    /** First and last token of each span that equals these ids, whole words and numbers only. */
    find({ ids, offsets }: PreparedRow, candidate: number, wanted: ArrayLike<number>): [number, number][] {
      const local = Array.from(wanted, (id) => localOf.get(id) ?? -1);
      if (local.includes(-1)) return [];
      const result = ids.subarray(offsets[candidate]!, offsets[candidate + 1]!);
      return findAnswerSpans(result, local, (id) => continues[id]!, point);
    },
  };
}

import { SymgradError } from "@symgrad/core";
import { ResultCache } from "../cache";
import type { UndefinedResult } from "../result";
import { canonicalValue } from "./canonicalValue";
import { Support, supportKey } from "./dist";
import { createMergePlan, type MergePlan } from "./mergeLogProbs";

/** The most argument tuples of one `mapDist`. */
const mostTuples = 4_000_000;

/** Tables kept for one function: one for each combination of supports. */
const mostTables = 64;

/** A function's results for every tuple of its arguments' values, equal results merged. No tensors. */
export interface MergeTable<T> {
  readonly support: Support<T>;
  readonly plan: MergePlan;
}

/** What a call gives: a value, or why there is none. */
export type Outcome<T> = { readonly value: T } | UndefinedResult;

const tables = new WeakMap<object, ResultCache<MergeTable<unknown>>>();

/**
 * The table of a function over some supports; kept, so that the next step calls nothing.
 *
 * @param fn Identifies the function, which `call` runs at the given places. A tuple with an undefined argument takes
 *   over its reason without a call.
 * @throws SymgradError `E_RANGE` above 4,000,000 tuples.
 */
export function mergeTable<T>(
  fn: object,
  supports: readonly Support<unknown>[],
  call: (places: readonly number[]) => Outcome<T>,
): MergeTable<T> {
  const kept = tables.get(fn) ?? new ResultCache<MergeTable<unknown>>(mostTables);
  tables.set(fn, kept);
  const key = [JSON.stringify(supports.map((support) => support.key))];
  const known = kept.get(key) as MergeTable<T> | undefined;
  if (known !== undefined) return known;
  const table = createMergeTable(supports, call);
  assertUnchanged(supports);
  kept.set(key, table);
  kept.trim();
  return table;
}

function createMergeTable<T>(
  supports: readonly Support<unknown>[],
  call: (places: readonly number[]) => Outcome<T>,
): MergeTable<T> {
  const sizes = supports.map(({ size }) => size);
  const tuples = sizes.reduce((product, size) => product * size, 1);
  if (tuples > mostTuples) {
    throw new SymgradError(
      "E_RANGE",
      `mapDist: ${sizes.join(" x ")} = ${tuples} argument tuples; at most ${mostTuples} are tabulated.`,
      { hint: "map fewer distributions at a time, so that equal results merge in between" },
    );
  }
  const values = new Grouping<T>();
  const reasons = new Grouping<string>();
  const resultOf = new Int32Array(tuples);
  for (let tuple = 0; tuple < tuples; tuple++) {
    const places = placesOf(tuple, sizes);
    const outcome = undefinedArgument(supports, places) ?? call(places);
    // Reasons stand behind all values; how many of those there are is known at the end.
    resultOf[tuple] =
      "value" in outcome
        ? values.add(canonicalValue(outcome.value), outcome.value)
        : -1 - reasons.add(outcome.reason, outcome.reason);
  }
  const support = new Support(values.members, reasons.members);
  const behind = resultOf.map((place) => (place < 0 ? values.members.length - 1 - place : place));
  return { support, plan: createMergePlan(behind, support.size) };
}

/** A changed argument would be a changed value of everything computed before. */
function assertUnchanged(supports: readonly Support<unknown>[]): void {
  for (const [argument, { key, values, undefinedReasons }] of supports.entries()) {
    if (supportKey(values, undefinedReasons) === key) continue;
    throw new SymgradError("E_FUNCTION", `mapDist: the function changed its argument ${argument}.`, {
      hint: "work on a copy: values are shared by all tuples",
    });
  }
}

/** Distinct members in order of first appearance. */
class Grouping<T> {
  readonly members: T[] = [];
  readonly #places = new Map<string, number>();

  add(key: string, member: T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.members.length);
    return this.members.push(member) - 1;
  }
}

function placesOf(tuple: number, sizes: readonly number[]): number[] {
  const places = new Array<number>(sizes.length);
  for (let i = sizes.length - 1, rest = tuple; i >= 0; i--) {
    places[i] = rest % sizes[i]!;
    rest = Math.floor(rest / sizes[i]!);
  }
  return places;
}

function undefinedArgument(
  supports: readonly Support<unknown>[],
  places: readonly number[],
): UndefinedResult | undefined {
  for (const [i, { values, undefinedReasons }] of supports.entries()) {
    const reason = undefinedReasons[places[i]! - values.length];
    if (reason !== undefined) return { kind: "undefined", reason };
  }
  return undefined;
}

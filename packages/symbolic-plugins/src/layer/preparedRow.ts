import type { SymbolicFunction } from "../define";
import type { EvaluatedResult } from "../evaluate";

/** A function's results for the candidates of one example, without tensors: what a data set keeps between epochs. */
export interface PreparedRow {
  /** The number of candidates. */
  readonly count: number;
  /** `[count, arguments]`, flat: the candidates as index tuples. */
  readonly tuples: Int32Array;
  /** Local ids of all results, one after the other. */
  readonly ids: Uint16Array;
  /** `[count + 1]`: result i is `ids.subarray(offsets[i], offsets[i + 1])`. */
  readonly offsets: Int32Array;
  /** `[count]`: 1 where the candidate may be chosen. */
  readonly mask: Uint8Array;
  /** How many candidates had no result, by reason. */
  readonly undefinedCounts: Readonly<Record<string, number>>;
  /** The results with text and values; absent from a compact row. */
  readonly results?: readonly EvaluatedResult[];
}

/** The row without texts and values: about 9 KB for 55 candidates of 75 tokens. */
export function compactRow(row: PreparedRow): PreparedRow {
  const { results: _, ...compact } = row;
  return compact;
}

/** What a layer does with a candidate that has no result. */
export interface UndefinedPolicy {
  /** Whether it may still be chosen. */
  readonly allowed: boolean;
  /** The local ids read instead of a result. */
  readonly ids: readonly number[];
}

/** Packs the results of one example. */
export function packRow(
  fn: SymbolicFunction,
  tuples: Int32Array,
  results: readonly EvaluatedResult[],
  policy: UndefinedPolicy,
): PreparedRow {
  const undefinedCounts: Record<string, number> = {};
  const mask = new Uint8Array(results.length);
  const offsets = new Int32Array(results.length + 1);
  const parts = results.map((result, i) => {
    if (result.kind === "undefined") {
      undefinedCounts[result.reason] = (undefinedCounts[result.reason] ?? 0) + 1;
    }
    const part = result.kind === "ok" ? result.ids : policy.ids;
    mask[i] = result.kind === "ok" || policy.allowed ? 1 : 0;
    offsets[i + 1] = offsets[i]! + part.length;
    return part;
  });
  const ids = new Uint16Array(offsets[results.length]!);
  for (const [i, part] of parts.entries()) ids.set(part, offsets[i]!);
  return {
    count: tuples.length / Object.keys(fn.args).length,
    tuples,
    ids,
    offsets,
    mask,
    undefinedCounts,
    results,
  };
}

import type { SymbolicFunction } from "../define";
import type { EvaluatedResult } from "../evaluate";

/** A function's results for the candidates of one example, without tensors: what a data set keeps between epochs. */
export interface PreparedRow {
  /** The number of candidates, over all stages. */
  readonly count: number;
  /**
   * The candidates of each earlier stage, after `prepareAfter`; else absent. Their product is the number of combinations;
   * candidate i * (count / combinations) + j is the own candidate j after combination i.
   */
  readonly axes?: readonly number[];
  /** `[count / combinations, arguments]`, flat: the own candidates as tuples of indices. */
  readonly tuples: Int32Array;
  /** Local ids of all results, one after the other. */
  readonly ids: Uint16Array;
  /** `[count + 1]`: result i is `ids.subarray(offsets[i], offsets[i + 1])`. */
  readonly offsets: Int32Array;
  /** `[count]`: 1 where the candidate may be chosen. */
  readonly mask: Uint8Array;
  /** How many candidates had no result, by reason. */
  readonly undefinedCounts: Readonly<Record<string, number>>;
  /** The probability of the candidates that were pruned; 0 without pruning. */
  readonly droppedMass: number;
  /** The results with text and values; absent from a compact row. */
  readonly results?: readonly EvaluatedResult[];
}

/** How many candidates of its own a row has. */
export function ownCandidates({ count, axes = [] }: Pick<PreparedRow, "count" | "axes">): number {
  const combinations = axes.reduce((product, size) => product * size, 1);
  return combinations === 0 ? 0 : count / combinations;
}

/** The row without texts and values: about 9 KB for 55 candidates of 75 tokens. */
export function compactRow(row: PreparedRow): PreparedRow {
  const { results: _, ...compact } = row;
  return compact;
}

/** The row of these candidates alone; its counts of undefined results remain those of the search. */
export function selectCandidates(row: PreparedRow, kept: readonly number[]): PreparedRow {
  const width = row.count === 0 ? 0 : row.tuples.length / row.count;
  const parts = kept.map((candidate) =>
    row.ids.subarray(row.offsets[candidate]!, row.offsets[candidate + 1]!),
  );
  const offsets = new Int32Array(kept.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  return {
    count: kept.length,
    tuples: Int32Array.from(
      kept.flatMap((candidate) =>
        Array.from(row.tuples.subarray(candidate * width, (candidate + 1) * width)),
      ),
    ),
    ids: Uint16Array.from(parts.flatMap((part) => Array.from(part))),
    offsets,
    mask: Uint8Array.from(kept, (candidate) => row.mask[candidate]!),
    undefinedCounts: row.undefinedCounts,
    droppedMass: row.droppedMass,
    ...(row.results && { results: kept.map((candidate) => row.results![candidate]!) }),
  };
}

/** What a layer does with a candidate that has no result. */
export interface UndefinedPolicy {
  /** Whether it may still be chosen. */
  readonly allowed: boolean;
  /** The local ids read instead of a result. */
  readonly ids: readonly number[];
}

/**
 * Packs the results of one example.
 *
 * @param kept 1 for each candidate that was neither pruned nor found to be without a result.
 */
export function packRow(
  fn: SymbolicFunction,
  tuples: Int32Array,
  results: readonly (EvaluatedResult | undefined)[],
  kept: Uint8Array,
  policy: UndefinedPolicy,
  droppedMass: number,
): PreparedRow {
  const count = tuples.length / Object.keys(fn.args).length;
  const undefinedCounts: Record<string, number> = {};
  const mask = new Uint8Array(count);
  const offsets = new Int32Array(count + 1);
  const all = results.slice() as EvaluatedResult[];
  for (let i = 0; i < count; i++) {
    all[i] ??= kept[i] === 1 ? notSampled : pruned;
    const result = all[i]!;
    if (result.kind === "undefined" || result.kind === "timeout") {
      undefinedCounts[result.reason] = (undefinedCounts[result.reason] ?? 0) + 1;
    }
    mask[i] = kept[i] === 1 && (result.kind === "ok" || result.kind === "skipped" || policy.allowed) ? 1 : 0;
    offsets[i + 1] = offsets[i]! + idsOf(result, policy).length;
  }
  const ids = new Uint16Array(offsets[count]!);
  for (let i = 0; i < count; i++) ids.set(idsOf(all[i]!, policy), offsets[i]!);
  return { count, tuples, ids, offsets, mask, undefinedCounts, droppedMass, results: all };
}

function idsOf(result: EvaluatedResult, policy: UndefinedPolicy): ArrayLike<number> {
  if (result.kind === "ok") return result.ids;
  return result.kind === "skipped" ? [] : policy.ids;
}

const notSampled: EvaluatedResult = Object.freeze({ kind: "skipped", reason: "not sampled" });
const pruned: EvaluatedResult = Object.freeze({ kind: "skipped", reason: "pruned" });

import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { tuplesOf } from "../candidates";
import type { SymbolicFunction } from "../define";
import { type CollateOptions, collate, type PreparedInputs, paddedAxes } from "./collate";
import { type PreparedRow, selectCandidates } from "./preparedRow";

/** One candidate's result, for people and for labels. */
export type CandidateResult =
  | { readonly text: string; readonly values: readonly string[]; readonly tokenIds: number[] }
  | { readonly undefined: string };

/** A batch's results as tensors, and what they stand for. */
export interface Prepared {
  readonly function: SymbolicFunction;
  readonly inputs: PreparedInputs;
  readonly rows: readonly PreparedRow[];
  /** The padded candidates of each stage, the own ones last; their product is the width of `inputs`. */
  readonly axes: readonly number[];
  /** The own candidates of an example as index tuples. */
  tuples(example: number): number[][];
  /** @param candidate Over all stages: the example's entry of `applied.joint.index`. */
  result(example: number, candidate: number): CandidateResult;
  /** Only these candidates of each example, ascending, padded to `padCandidates`; the caller disposes it. */
  select(kept: readonly (readonly number[])[], padCandidates: number): Prepared;
  /** How many candidates of the batch had no result, by reason. */
  readonly undefinedCounts: Readonly<Record<string, number>>;
  /** `[batch]`: the probability of the candidates that were pruned, 0 without pruning. */
  readonly droppedMass: Float64Array;
  dispose(): void;
}

/** Pads rows into tensors that know what they stand for. */
export function createPrepared(
  fn: SymbolicFunction,
  rows: readonly PreparedRow[],
  outputIds: Int32Array,
  pads: CollateOptions,
): Prepared {
  const inputs = collate(rows, pads);
  const undefinedCounts: Record<string, number> = {};
  for (const row of rows) {
    for (const [reason, count] of Object.entries(row.undefinedCounts)) {
      undefinedCounts[reason] = (undefinedCounts[reason] ?? 0) + count;
    }
  }
  return {
    function: fn,
    inputs,
    rows,
    axes: paddedAxes(rows, pads),
    undefinedCounts,
    droppedMass: Float64Array.from(rows, ({ droppedMass }) => droppedMass),
    tuples: (example) => {
      const row = rows[example];
      if (row === undefined) throw noCandidate(fn.name, example);
      return tuplesOf(row.tuples, Object.keys(fn.args).length);
    },
    result: (example, candidate) => {
      const result = rows[example]?.results?.[candidate];
      if (result === undefined) throw noCandidate(fn.name, example, candidate);
      if (result.kind !== "ok") return { undefined: result.reason };
      const tokenIds = Array.from(result.ids, (id) => outputIds[id]!);
      return { text: result.text, values: result.values, tokenIds };
    },
    select: (kept, padCandidates) => {
      const selected = rows.map((row, example) => selectCandidates(row, kept[example] ?? []));
      return createPrepared(fn, selected, outputIds, {
        candidates: padCandidates,
        length: inputs.ids.shape[2],
      });
    },
    dispose: () => tf.dispose([inputs.ids, inputs.lengths, inputs.mask]),
  };
}

function noCandidate(name: string, example: number, candidate?: number): SymgradError {
  const which =
    candidate === undefined ? `example ${example}` : `candidate ${candidate} of example ${example}`;
  return new SymgradError("E_RANGE", `${name}: no ${which} in this batch.`);
}

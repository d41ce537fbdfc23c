import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { type Candidates, tuplesOf } from "../candidates";
import { collate, type PreparedInputs } from "./collate";
import type { PreparedRow } from "./preparedRow";

/** One candidate's result, for people and for labels. */
export type CandidateResult =
  | { readonly text: string; readonly values: readonly string[]; readonly tokenIds: number[] }
  | { readonly undefined: string };

/** A batch's results as tensors, and what they stand for. */
export interface Prepared {
  readonly inputs: PreparedInputs;
  readonly rows: readonly PreparedRow[];
  /** The candidates of an example as index tuples. */
  tuples(example: number): number[][];
  result(example: number, candidate: number): CandidateResult;
  /** How many candidates of the batch had no result, by reason. */
  readonly undefinedCounts: Readonly<Record<string, number>>;
  /** `[batch]`: the probability of the candidates that were pruned, 0 without pruning. */
  readonly droppedMass: Float64Array;
  dispose(): void;
}

/** Pads rows into tensors that know what they stand for. */
export function createPrepared(
  candidates: Candidates,
  rows: readonly PreparedRow[],
  outputIds: Int32Array,
  pads: { candidates?: number | undefined; length?: number | undefined },
): Prepared {
  const fn = candidates.function;
  const inputs = collate(rows, pads);
  const undefinedCounts: Record<string, number> = {};
  for (const row of rows) {
    for (const [reason, count] of Object.entries(row.undefinedCounts)) {
      undefinedCounts[reason] = (undefinedCounts[reason] ?? 0) + count;
    }
  }
  return {
    inputs,
    rows,
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
    dispose: () => tf.dispose([inputs.ids, inputs.lengths, inputs.mask]),
  };
}

function noCandidate(name: string, example: number, candidate?: number): SymgradError {
  const which =
    candidate === undefined ? `example ${example}` : `candidate ${candidate} of example ${example}`;
  return new SymgradError("E_RANGE", `${name}: no ${which} in this batch.`);
}

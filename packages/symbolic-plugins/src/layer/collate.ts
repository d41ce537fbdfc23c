import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { ownCandidates, type PreparedRow } from "./preparedRow";

/** Results of a batch as tensors; a plain object, so that it can be an argument of a jitted function. */
export interface PreparedInputs {
  /** int32 `[batch, candidates, length]`: local ids, 0 beyond a result's length. */
  ids: tf.Tensor3D;
  /** int32 `[batch, candidates]`: the tokens of each result, 0 for padding candidates. */
  lengths: tf.Tensor2D;
  /** float32 `[batch, candidates]`: 1 where the candidate may be chosen. */
  mask: tf.Tensor2D;
}

export interface CollateOptions {
  /** Pad to this many own candidates. Default: the most of any row, at least 1. */
  candidates?: number | undefined;
  /** Pad to this many candidates of each earlier stage, in their order. Default: the most of any row, at least 1 each. */
  before?: readonly number[] | undefined;
  /** Pad to this many tokens. Default: the longest result of any row, at least 1. */
  length?: number | undefined;
}

/**
 * Pads rows to one shape. The caller disposes the tensors.
 *
 * @throws SymgradError `E_RANGE` if a row has more candidates or a longer result than asked for: nothing is cut off.
 */
export function collate(rows: readonly PreparedRow[], options: CollateOptions = {}): PreparedInputs {
  const sizes = paddedAxes(rows, options);
  const longest = rows.reduce((longest, row) => Math.max(longest, longestResult(row)), 1);
  const candidates = sizes.reduce((product, size) => product * size);
  const length = fitted("length", options.length, longest);
  const batch = rows.length;
  const ids = new Int32Array(batch * candidates * length);
  const lengths = new Int32Array(batch * candidates);
  const mask = new Float32Array(batch * candidates);
  for (const [example, row] of rows.entries()) {
    const rowSizes = [...(row.axes ?? []), ownCandidates(row)];
    for (let candidate = 0; candidate < row.count; candidate++) {
      const from = row.offsets[candidate]!;
      const to = row.offsets[candidate + 1]!;
      const at = example * candidates + moveCandidate(candidate, rowSizes, sizes);
      ids.set(row.ids.subarray(from, to), at * length);
      lengths[at] = to - from;
      mask[at] = row.mask[candidate]!;
    }
  }
  return {
    ids: tf.tensor3d(ids, [batch, candidates, length], "int32"),
    lengths: tf.tensor2d(lengths, [batch, candidates], "int32"),
    mask: tf.tensor2d(mask, [batch, candidates], "float32"),
  };
}

/** The candidates of each stage, the own ones last, that rows are padded to. */
export function paddedAxes(rows: readonly PreparedRow[], options: CollateOptions): number[] {
  const most = (sizes: number[]) => sizes.reduce((a, b) => Math.max(a, b), 1);
  const stages = options.before?.length ?? rows[0]?.axes?.length ?? 0;
  const before = Array.from({ length: stages }, (_, i) =>
    fitted(`before[${i}]`, options.before?.[i], most(rows.map(({ axes }) => axes?.[i] ?? 1))),
  );
  return [...before, fitted("candidates", options.candidates, most(rows.map(ownCandidates)))];
}

/**
 * Where a candidate of several stages stands in a table of other sizes.
 *
 * @param from The candidates of each stage; the last one's change fastest.
 * @param to The same of the other table.
 */
export function moveCandidate(candidate: number, from: readonly number[], to: readonly number[]): number {
  let moved = 0;
  let rest = candidate;
  for (let axis = from.length - 1, step = 1; axis >= 0; axis--) {
    moved += (rest % from[axis]!) * step;
    rest = Math.floor(rest / from[axis]!);
    step *= to[axis]!;
  }
  return moved;
}

function longestResult({ offsets, count }: PreparedRow): number {
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  return longest;
}

function fitted(name: string, asked: number | undefined, needed: number): number {
  if (asked === undefined) return needed;
  if (!Number.isInteger(asked) || asked < needed) {
    throw new SymgradError(
      "E_RANGE",
      `collate: \`${name}\` must be an integer of at least ${needed}, which this batch needs, got ${asked}.`,
    );
  }
  return asked;
}

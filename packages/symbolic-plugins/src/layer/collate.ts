import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { PreparedRow } from "./preparedRow";

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
  /** Pad to this many combinations of earlier stages' candidates. Default: the most of any row, at least 1. */
  before?: number | undefined;
  /** Pad to this many tokens. Default: the longest result of any row, at least 1. */
  length?: number | undefined;
}

/**
 * Pads rows to one shape. The caller disposes the tensors.
 *
 * @throws SymgradError `E_RANGE` if a row has more candidates or a longer result than asked for: nothing is cut off.
 */
export function collate(rows: readonly PreparedRow[], options: CollateOptions = {}): PreparedInputs {
  const most = rows.reduce((most, row) => Math.max(most, ownCandidates(row)), 1);
  const combinations = rows.reduce((most, { before = 1 }) => Math.max(most, before), 1);
  const longest = rows.reduce((longest, row) => Math.max(longest, longestResult(row)), 1);
  const own = fitted("candidates", options.candidates, most);
  const candidates = own * fitted("before", options.before, combinations);
  const length = fitted("length", options.length, longest);
  const batch = rows.length;
  const ids = new Int32Array(batch * candidates * length);
  const lengths = new Int32Array(batch * candidates);
  const mask = new Float32Array(batch * candidates);
  for (const [example, row] of rows.entries()) {
    const rowOwn = ownCandidates(row);
    for (let candidate = 0; candidate < row.count; candidate++) {
      const from = row.offsets[candidate]!;
      const to = row.offsets[candidate + 1]!;
      const combination = Math.floor(candidate / rowOwn);
      const at = example * candidates + combination * own + (candidate - combination * rowOwn);
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

function ownCandidates({ count, before = 1 }: PreparedRow): number {
  return before === 0 ? 0 : count / before;
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

import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { ranked } from "../internal/ranked";
import { softmax } from "../internal/softmax";
import type { Prepared } from "./prepare";
import { counting } from "./rowIndex";

/** The candidates that were kept, and what was given up. The caller disposes `prepared` and `index`. */
export interface KeptCandidates {
  /** The kept ones, in their old order. */
  readonly prepared: Prepared;
  /** int32 `[batch, k]`: their places among all candidates; 0 where an example has fewer. */
  readonly index: tf.Tensor2D;
  /** The probability of what was dropped, for each example. */
  readonly droppedMass: Float64Array;
}

/**
 * Keeps each example's `k` most probable candidates, ties to the lowest index, so that the table of a next stage stays
 * small. The scores of the kept ones, with their gradient, are `gatherKept(scores, index)`.
 *
 * @param scores `[batch, candidates]`, looked at: not inside a traced function.
 * @throws SymgradError `E_RANGE` unless `k` is an integer of at least 1; `E_SHAPE` for scores of another shape;
 *   `E_USAGE` for what was prepared after other stages.
 */
export function keepTop(prepared: Prepared, scores: tf.Tensor2D, k: number): KeptCandidates {
  const [batch, candidates] = prepared.inputs.mask.shape;
  const name = prepared.function.name;
  if (!Number.isInteger(k) || k < 1) {
    throw new SymgradError("E_RANGE", `keepTop: \`k\` must be an integer of at least 1, got ${k}.`);
  }
  if (scores.shape[0] !== batch || scores.shape[1] !== candidates) {
    throw new SymgradError(
      "E_SHAPE",
      `keepTop: \`scores\` of ${name} must have shape [${batch}, ${candidates}], got [${scores.shape.join(", ")}].`,
    );
  }
  if (prepared.rows.some(({ axes }) => axes !== undefined)) {
    throw new SymgradError("E_USAGE", `keepTop: ${name} was prepared after other stages.`, {
      hint: "keep the top of the first stages, then prepareAfter",
    });
  }
  const values = scores.dataSync();
  const index = new Int32Array(batch * k);
  const droppedMass = new Float64Array(batch);
  const kept = prepared.rows.map(({ mask }, example) => {
    const own = values.subarray(example * candidates, example * candidates + mask.length);
    const allowed = Float64Array.from(own, (score, i) => (mask[i] ? score : Number.NEGATIVE_INFINITY));
    const order = ranked(allowed).filter((candidate) => mask[candidate]);
    const probs = softmax(allowed);
    const top = order.slice(0, k).sort((a, b) => a - b);
    index.set(top, example * k);
    droppedMass[example] = order.slice(k).reduce((sum, candidate) => sum + probs[candidate]!, 0);
    return top;
  });
  return { prepared: prepared.select(kept, k), index: tf.tensor2d(index, [batch, k], "int32"), droppedMass };
}

/**
 * The scores of kept candidates. Differentiable, traceable.
 *
 * @param scores `[batch, candidates]`.
 * @param index As {@link KeptCandidates.index}.
 * @returns `[batch, k]`. The caller disposes it.
 */
export function gatherKept(scores: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D {
  const [batch, candidates] = scores.shape;
  return tf.tidy(() => {
    const places = tf.add(index, counting(batch, [batch, 1], candidates));
    return tf.reshape(tf.gather(tf.reshape(scores, [-1]), tf.reshape(places, [-1])), index.shape);
  });
}

import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { rowIndex } from "./rowIndex";

/**
 * Picks what belongs to the chosen candidate of each row. Differentiable with respect to what is picked from, not to
 * the choice; traceable.
 *
 * @param perCandidate `[batch, candidates, ...]`.
 * @param index int32 `[batch]`, as `choice.index`.
 * @returns `[batch, ...]`. The caller disposes it.
 * @throws SymgradError `E_SHAPE` if the batches differ.
 */
export function gatherChoice(perCandidate: tf.Tensor, index: tf.Tensor1D): tf.Tensor {
  const [batch, candidates, ...rest] = perCandidate.shape;
  if (batch === undefined || candidates === undefined || index.rank !== 1 || index.shape[0] !== batch) {
    throw new SymgradError(
      "E_SHAPE",
      `gatherChoice: expected [batch, candidates, ...] and an index [batch], got [${perCandidate.shape.join(", ")}] and [${index.shape.join(", ")}].`,
    );
  }
  return tf.tidy(() => {
    const flat = tf.reshape(perCandidate, [batch * candidates, ...rest]);
    return tf.gather(flat, rowIndex(index, candidates));
  });
}

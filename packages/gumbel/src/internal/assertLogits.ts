import { SymgradError } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/** Checks what every estimator is given. */
export function assertLogits(where: string, logits: tf.Tensor, mask?: tf.Tensor): void {
  const [, candidates] = logits.shape;
  if (logits.rank !== 2 || candidates === 0) {
    throw new SymgradError(
      "E_SHAPE",
      `${where}: \`logits\` must have shape [batch, candidates] with at least one candidate, got ${shapeOf(logits)}.`,
      logits.rank === 1 ? { hint: "add the batch axis: logits.expandDims(0)" } : {},
    );
  }
  if (
    mask !== undefined &&
    (mask.rank !== 2 || mask.shape.some((size, axis) => size !== logits.shape[axis]))
  ) {
    throw new SymgradError(
      "E_SHAPE",
      `${where}: \`mask\` must have the shape of \`logits\`, ${shapeOf(logits)}, got ${shapeOf(mask)}.`,
    );
  }
}

function shapeOf(tensor: tf.Tensor): string {
  return `[${tensor.shape.join(", ")}] (rank ${tensor.rank})`;
}

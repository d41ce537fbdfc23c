import { SymgradError } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import type { LossFunction } from "../estimator";

/** Calls the user's loss and checks what it returns. */
export function lossOf(where: string, loss: LossFunction, weights: tf.Tensor2D): tf.Tensor1D {
  const losses = loss(weights);
  if (losses.rank !== 1 || losses.shape[0] !== weights.shape[0]) {
    throw new SymgradError(
      "E_SHAPE",
      `${where}: \`loss\` must return one number per row, shape [${weights.shape[0]}], got [${losses.shape.join(", ")}].`,
      {
        hint: "reduce every axis but the first, and take the mean over the batch of what expectedLoss returns",
      },
    );
  }
  return losses;
}

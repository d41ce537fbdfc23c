import type * as tf from "@tensorflow/tfjs";
import type { ChooseOptions } from "../estimator";

/** Several candidates per row, with the gradient their estimator gives them. The caller disposes the tensors. */
export interface SubsetChoice {
  /** float32 `[batch, candidates]`: 1 for each of the k that were chosen (of all, where fewer are allowed), else 0. */
  weights: tf.Tensor2D;
  /** float32 `[batch]`: 1 where no candidate may be chosen. */
  empty: tf.Tensor1D;
}

/** A rule for the gradient of a choice of k candidates. */
export interface SubsetEstimator {
  readonly name: string;
  readonly k: number;
  /** Takes what an estimator's `choose` takes; without a key the k largest logits. Synchronous and traceable. */
  choose(logits: tf.Tensor2D, options?: ChooseOptions): SubsetChoice;
}

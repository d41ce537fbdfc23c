import type { RandomKey } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/** A softmax's temperature: above 0, no unit. A scalar tensor (a variable, say) may change without a new trace. */
export type Temperature = number | tf.Scalar;

/** Which candidates' results the forward and backward pass of an estimator look at. */
export type EstimatorNeeds = "sampled" | "kept" | "all";

export interface ChooseOptions {
  /** `[batch, candidates]`, float32: 1 = may be chosen, 0 = may not. Default: all may. */
  mask?: tf.Tensor2D | undefined;
  /** Draws the noise. Without a key the choice is the noise-free argmax, ties to the lowest index. */
  key?: RandomKey | undefined;
  /** Used instead of the estimator's own temperature. */
  temperature?: Temperature | undefined;
}

/** One discrete choice per row, with the gradient its estimator gives it. The caller disposes the tensors. */
export interface Choice {
  /** int32 `[batch]`: the chosen candidate; 0 in an empty row. */
  index: tf.Tensor1D;
  /**
   * float32 `[batch, candidates]`: what multiplies the candidates' results. A zero row where `empty` is 1; a row of
   * NaN where an allowed logit is NaN or +Infinity, so that the mistake reaches the loss.
   */
  weights: tf.Tensor2D;
  /** float32 `[batch, candidates]`: softmax of the allowed logits at temperature 1, without noise, differentiable. */
  probs: tf.Tensor2D;
  /** float32 `[batch]`: 1 where no candidate may be chosen. */
  empty: tf.Tensor1D;
  /** Whether each row of `weights` is one-hot (or zero) in value. */
  hard: boolean;
}

/** A rule that turns logits into a choice, and the choice's cotangent into one for the logits. */
export interface Estimator {
  /** As in reports: `straight-through-gumbel`. */
  readonly name: string;
  readonly needs: EstimatorNeeds;
  /**
   * Synchronous and traceable.
   *
   * @param logits Unnormalised log-probabilities in nats, `[batch, candidates]`, float32. -Infinity forbids a
   *   candidate, as a 0 in the mask does.
   * @throws SymgradError `E_SHAPE` unless `logits` is `[batch, candidates]` with at least one candidate, and `mask`
   *   of the same shape; `E_RANGE` if a temperature is not above 0.
   */
  choose(logits: tf.Tensor2D, options?: ChooseOptions): Choice;
}

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

/**
 * What comes after the choice: losses `[batch]` of weights `[batch, candidates]`. An estimator may call it several
 * times; row b of every call belongs to example b. It may use variables: they get their ordinary gradient.
 */
export type LossFunction = (weights: tf.Tensor2D) => tf.Tensor1D;

/** What is estimated: E[loss], or -log E[exp(-loss)], the marginal likelihood where the loss is minus a log-likelihood. */
export type Objective = "expectation" | "marginal";

/** A rule for the gradient of E[loss(z)] with regard to the logits, z being the discrete choice. */
export interface Estimator {
  /** As in reports: `straight-through-gumbel`. */
  readonly name: string;
  readonly needs: EstimatorNeeds;
  /** Default "expectation". */
  readonly objective?: Objective;
  /**
   * Estimates E[loss(z)]. Backward, the logits get the estimator's gradient, and the variables that `loss` uses get
   * theirs. Without a key nothing is drawn: what would be sampled is the noise-free argmax. Synchronous and traceable.
   *
   * @param logits Unnormalised log-probabilities in nats, `[batch, candidates]`, float32. -Infinity forbids a
   *   candidate, as a 0 in the mask does.
   * @returns `[batch]`. The loss of the zero row where no candidate may be chosen. The caller disposes it.
   * @throws SymgradError `E_SHAPE` unless `logits` is `[batch, candidates]` with at least one candidate, `mask` of the
   *   same shape, and what `loss` returns `[batch]`; `E_RANGE` if a temperature is not above 0.
   */
  expectedLoss(logits: tf.Tensor2D, loss: LossFunction, options?: ChooseOptions): tf.Tensor1D;
}

/** An estimator whose gradient is a function of the loss's slope at the choice: all that a layer needs is the choice. */
export interface PathwiseEstimator extends Estimator {
  /** Chooses a candidate per row. Synchronous and traceable. Takes and refuses what `expectedLoss` does. */
  choose(logits: tf.Tensor2D, options?: ChooseOptions): Choice;
}

/** An estimator that looks at the loss of samples and at nothing else. */
export interface SampledEstimator extends Estimator {
  /**
   * The candidates at which `expectedLoss` will call `loss` when it is given the same logits and options, in that
   * order: what a layer must evaluate before the rest of the step.
   *
   * @returns int32 `[batch]` each. The caller disposes them.
   */
  sample(logits: tf.Tensor2D, options?: ChooseOptions): tf.Tensor1D[];
}

/** An estimator that learns: a baseline, a control variate. */
export interface StatefulEstimator extends Estimator {
  /** By name, to be saved. Those that are `trainable` get the gradient of the estimator's variance. */
  parameters(): Map<string, tf.Variable>;
  /** Frees the variables. */
  dispose(): void;
}

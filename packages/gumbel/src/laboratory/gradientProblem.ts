import type { LossFunction } from "../estimator";

/** A loss of one discrete choice, and the logits at which its gradient is estimated. */
export interface GradientProblem {
  readonly name: string;
  /** s, one number per candidate. */
  readonly logits: readonly number[];
  /** Losses `[draws]` of weights `[draws, candidates]`: every row is another draw of the same choice. Traceable. */
  readonly loss: LossFunction;
}

import type { SampledEstimator } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { leaveOneOut } from "../internal/leaveOneOut";
import { scoreEstimator } from "../internal/scoreEstimator";

export interface RlooOptions {
  /** n, the independent samples per row, and so the evaluations of the loss. At least 2. Default 4. */
  samples?: number;
}

/**
 * REINFORCE with several samples, each of which has the mean loss of the others as its baseline ("leave one out").
 *
 * Forward: the mean loss at D_1 ... D_n ~ softmax(s).
 * Backward: mean over j of (l_j - mean of the other losses) (D_j - pi), with pi = softmax(s).
 * Bias and variance: unbiased; the variance falls faster than 1 / n at first, for the baseline improves too.
 *
 * @throws SymgradError `E_RANGE` if `samples` is not an integer of at least 2.
 * @see Kool, van Hoof and Welling 2019, "Buy 4 REINFORCE samples, get a baseline for free!", ICLR workshop.
 */
export function rloo({ samples = 4 }: RlooOptions = {}): SampledEstimator {
  assertCount("rloo", "samples", samples, 2);
  return scoreEstimator("rloo", { samples, baseline: leaveOneOut });
}

import type { PathwiseEstimator } from "../estimator";
import { sparseEstimator } from "../internal/sparseEstimator";

/**
 * The exact expectation under sparsemax instead of softmax: most candidates get probability 0 and need not be
 * looked at. Nothing is drawn; `choose` gives p itself, a mixture of few candidates.
 *
 * Forward: sum over the support of p_i l(E_i), with p the point of the simplex nearest to s.
 * Backward: 1_S (l - mean of l over S), with S the support of p.
 * Bias and variance: no variance; exact for its own objective, biased for the softmax's.
 *
 * @see Martins and Astudillo 2016, arXiv:1602.02068; Correia, Niculae, Aziz and Martins 2020, arXiv:2007.01919.
 */
export function sparsemax(): PathwiseEstimator {
  return sparseEstimator("sparsemax", 2);
}

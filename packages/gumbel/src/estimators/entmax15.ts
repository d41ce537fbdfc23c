import type { PathwiseEstimator } from "../estimator";
import { sparseEstimator } from "../internal/sparseEstimator";

/**
 * The exact expectation under 1.5-entmax, between softmax and sparsemax: few candidates, and smooth. Nothing is
 * drawn; `choose` gives p itself, a mixture of few candidates.
 *
 * Forward: sum over the support of p_i l(E_i), with p_i = [s_i / 2 - tau]_+^2 and tau such that p sums to 1.
 * Backward: r (l - <r, l> / sum r), with r = sqrt(p).
 * Bias and variance: no variance; exact for its own objective, biased for the softmax's.
 *
 * @see Peters, Niculae and Martins 2019, arXiv:1905.05702; Correia, Niculae, Aziz and Martins 2020, arXiv:2007.01919.
 */
export function entmax15(): PathwiseEstimator {
  return sparseEstimator("entmax15", 1.5);
}

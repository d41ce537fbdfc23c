import type { ArgumentLoss } from "./argumentLoss";
import { topkMarginalLikelihoodLoss } from "./topkMarginalLikelihoodLoss";

/**
 * Hard expectation maximization: minus the log-probability of the most probable consistent tuple, ties to the lowest
 * index. It commits to one explanation, where `mml` spreads over all of them. Shapes as
 * {@link topkMarginalLikelihoodLoss}.
 *
 * @see Min et al. 2019, arXiv:1909.04849.
 */
export const hardEMLoss: ArgumentLoss = topkMarginalLikelihoodLoss(1);

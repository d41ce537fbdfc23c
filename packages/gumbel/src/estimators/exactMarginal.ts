import * as tf from "@tensorflow/tfjs";
import type { Estimator } from "../estimator";
import { assertLogits } from "../internal/assertLogits";
import { draw } from "../internal/draw";
import { enumerateLosses } from "../internal/enumerate";
import { marginalLoss } from "../marginalLoss";

/**
 * The marginal likelihood over all candidates, for losses that are minus a log-likelihood: -log E[p(y | D)] instead of
 * E[-log p(y | D)]. Another objective: it asks that some likely candidate explains the target, not that all do. The
 * key is not used. Where the likelihoods are at hand already, call `marginalLoss`.
 *
 * Forward: -log of the sum over i of pi_i p_i, with pi = softmax(s) and p_i = exp(-l(E_i)).
 * Backward: pi - pi p / <pi, p>.
 * Bias and variance: none, for its own objective.
 *
 * @see Equation 4 of the paper that this library's layer follows; Dempster, Laird and Rubin 1977.
 */
export function exactMarginal(): Estimator {
  const name = "exact-marginal";
  return {
    name,
    needs: "all",
    objective: "marginal",
    expectedLoss: (logits, loss, { mask } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const { some } = draw(logits, mask);
        const losses = enumerateLosses(name, loss, some, logits.shape[1]);
        const value = marginalLoss(logits, tf.neg(losses), { mask });
        const zeroRow = tf.reshape(tf.slice(losses, [0, 0], [-1, 1]), [-1]);
        const empty = tf.reshape(tf.equal(some, 0), [-1]);
        return tf.where(empty, zeroRow, value) as tf.Tensor1D;
      }),
  };
}

import * as tf from "@tensorflow/tfjs";
import type { Estimator } from "../estimator";
import { assertLogits } from "../internal/assertLogits";
import { draw } from "../internal/draw";
import { enumerateLosses, expectation } from "../internal/enumerate";
import { maskedSoftmax } from "../maskedSoftmax";

/**
 * The expected loss itself, by calling the loss once per candidate. The key is not used.
 *
 * Forward: sum over i of pi_i l(E_i), with pi = softmax(s).
 * Backward: J(pi)^T l, l the losses of all candidates.
 * Bias and variance: none.
 */
export function exact(): Estimator {
  const name = "exact";
  return {
    name,
    needs: "all",
    expectedLoss: (logits, loss, { mask } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const { some } = draw(logits, mask);
        const losses = enumerateLosses(name, loss, some, logits.shape[1]);
        return expectation(maskedSoftmax(logits, { mask }), losses, some);
      }),
  };
}

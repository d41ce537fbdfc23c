import { isTracing, oneHot, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Dist } from "./dist";

/**
 * The log-probability of one value for each example: minus it is the exact marginal loss, -log sum over tuples with
 * that result of their probability.
 *
 * @param places int32 `[batch]`, from `dist.support.indexOf(value)`. An argument of the step, so that it may change
 *   without a new trace.
 * @returns Nats, `[batch]`; -Infinity at probability 0. Differentiable, traceable. The caller disposes it.
 * @throws SymgradError `E_SHAPE` unless `places` is `[batch]`; `E_RANGE` for a place outside the support (inside a
 *   traced function places cannot be looked at).
 * @example const loss = tf.neg(tf.mean(logProbAt(total, tf.tensor1d(sums.map((s) => total.support.indexOf(s)), "int32"))));
 */
export function logProbAt(dist: Dist<unknown>, places: tf.Tensor1D): tf.Tensor1D {
  const [batch, size] = dist.logProbs.shape;
  if (places.rank !== 1 || places.shape[0] !== batch) {
    throw new SymgradError(
      "E_SHAPE",
      `logProbAt: \`places\` must have shape [batch] = [${batch}], got [${places.shape.join(", ")}].`,
    );
  }
  if (!isTracing()) {
    const outside = places.dataSync().find((place) => !(place >= 0 && place < size));
    if (outside !== undefined) {
      throw new SymgradError("E_RANGE", `logProbAt: place ${outside} in a support of ${size}.`, {
        hint: "places come from dist.support.indexOf(value)",
      });
    }
  }
  return tf.tidy(() => {
    const chosen = tf.cast(oneHot(places, size), "bool");
    // Not a product: 0 times the -Infinity of an impossible value would be NaN.
    return tf.sum(tf.where(chosen, dist.logProbs, tf.zerosLike(dist.logProbs)), 1) as tf.Tensor1D;
  });
}

import * as tf from "@tensorflow/tfjs";
import type { Estimator, LossFunction, Temperature } from "../estimator";
import { softmaxOf } from "./allowedScores";
import { assertLogits } from "./assertLogits";
import { attachGradient, withZeroGradient } from "./attachGradient";
import { conditionalScores } from "./conditionalScores";
import { detach } from "./detach";
import { type Draw, draw } from "./draw";
import { lossOf } from "./lossOf";
import { softmaxCotangent } from "./softmaxCotangent";
import { assertTemperature, temperatureTensor } from "./temperature";
import { withoutGradient } from "./withoutGradient";

/** A function of relaxed choices and its slope there. */
export interface ValueAndSlope {
  /** `[batch]` */
  value: tf.Tensor;
  /** `[batch, candidates]` */
  slope: tf.Tensor;
}

export interface ControlVariateRule {
  temperature: Temperature;
  /** How much of the control variate is used; trainable. */
  eta: tf.Variable;
  /** Added to the loss itself; differentiable with regard to its own variables. */
  network?: (x: tf.Tensor2D) => ValueAndSlope;
}

/**
 * REINFORCE minus eta times a control variate c at a relaxed sample that agrees with the choice, plus what keeps it
 * unbiased: (l(D) - eta c(S~)) (D - pi) + eta d c(S) / ds - eta d c(S~) / ds, with c = l + network.
 *
 * The value is the loss at D. Beside the logits' gradient g it carries, for the control variate's own variables, the
 * gradient of |g|^2: as g's mean does not depend on them, that is the gradient of g's variance.
 */
export function controlVariateEstimator(name: string, rule: ControlVariateRule): Estimator {
  const { eta, network } = rule;
  assertTemperature(name, rule.temperature);
  return {
    name,
    needs: "all",
    expectedLoss: (logits, loss, { mask, key, temperature = rule.temperature } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        assertTemperature(name, temperature);
        const drawn = draw(logits, mask, key);
        const losses = lossOf(name, loss, drawn.oneHot);
        if (key === undefined) return withZeroGradient(losses, logits);
        const [soft, softGiven, slopes, scalar] = withoutGradient<
          [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Scalar]
        >(() => {
          const scalar = temperatureTensor(temperature);
          const given = conditionalScores(drawn, key.fold("given the choice"), 1);
          const scores = tf.squeeze<tf.Tensor2D>(given.scores, [1]);
          return [
            softmaxOf(drawn.perturbed, scalar),
            softmaxOf(scores, scalar),
            tf.squeeze<tf.Tensor2D>(given.slopes, [1]),
            scalar,
          ];
        });
        const at = (x: tf.Tensor2D): ValueAndSlope => {
          const own = lossAndSlope(name, loss, x);
          if (network === undefined) return own;
          const more = network(x);
          return { value: tf.add(own.value, more.value), slope: tf.add(own.slope, more.slope) };
        };
        const gradient = gradientOf(drawn, detach(losses), at(soft), at(softGiven), {
          soft,
          softGiven,
          slopes,
          scalar,
          eta,
        });
        const size = tf.sum(tf.square(gradient), 1);
        const withVariance = tf.add(losses, tf.sub(size, detach(size))) as tf.Tensor1D;
        return attachGradient(withVariance, logits, detach(gradient));
      }),
  };
}

interface Relaxed {
  soft: tf.Tensor2D;
  softGiven: tf.Tensor2D;
  slopes: tf.Tensor2D;
  scalar: tf.Scalar;
  eta: tf.Variable;
}

function gradientOf(
  { oneHot, probs }: Draw,
  losses: tf.Tensor1D,
  free: ValueAndSlope,
  given: ValueAndSlope,
  { soft, softGiven, slopes, scalar, eta }: Relaxed,
): tf.Tensor2D {
  const advantage = tf.sub(losses, tf.mul(eta, given.value));
  const score = tf.mul(tf.expandDims(advantage, 1), tf.sub(oneHot, probs));
  const ofFree = tf.div(softmaxCotangent(soft, free.slope), scalar);
  // Through the scores given the choice: to those not chosen directly, to all through log Z.
  const direct = tf.mul(slopes, tf.div(softmaxCotangent(softGiven, given.slope), scalar));
  const ofGiven = tf.sub(direct, tf.mul(probs, tf.sum(direct, 1, true)));
  return tf.add(score, tf.mul(eta, tf.sub(ofFree, ofGiven))) as tf.Tensor2D;
}

/** The loss at a relaxed choice, and its slope with regard to it; constants both. */
function lossAndSlope(name: string, loss: LossFunction, x: tf.Tensor2D): ValueAndSlope {
  const { value, grad } = tf.valueAndGrad((weights) => lossOf(name, loss, weights as tf.Tensor2D))(x);
  return { value: detach(value), slope: detach(grad) };
}

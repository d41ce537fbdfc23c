import * as tf from "@tensorflow/tfjs";
import type { StatefulEstimator, Temperature } from "../estimator";
import { controlVariateEstimator } from "../internal/controlVariateEstimator";

export interface RebarOptions {
  /** Of the relaxed samples at which the loss is the control variate. Above 0, no unit. Default 0.5. */
  temperature?: Temperature;
  /** How much of the control variate is used at first; 0 is REINFORCE. Default 1. */
  eta?: number;
}

/**
 * REINFORCE with the loss at a relaxed sample as its control variate: three evaluations, two of them with slopes. The
 * loss must therefore accept mixtures. `parameters()` holds eta; train it with the rest to lower the variance.
 *
 * Forward: the loss at D ~ softmax(s).
 * Backward: (l(D) - eta l(S~)) (D - pi) + eta d l(S) / ds - eta d l(S~) / ds, with S = softmax((s + G) / temperature)
 * and S~ the same with noise drawn given D.
 * Bias and variance: unbiased for every eta and temperature; the variance is low where the loss at S~ follows that at D.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Tucker, Mnih, Maddison, Lawson and Sohl-Dickstein 2017, arXiv:1703.07370; here the two noises are independent.
 */
export function rebar({ temperature = 0.5, eta = 1 }: RebarOptions = {}): StatefulEstimator {
  const variable = tf.variable(tf.scalar(eta));
  return {
    ...controlVariateEstimator("rebar", { temperature, eta: variable }),
    parameters: () => new Map([["eta", variable as tf.Variable]]),
    dispose: () => variable.dispose(),
  };
}

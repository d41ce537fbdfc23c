import { normal, type RandomKey, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { StatefulEstimator, Temperature } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { controlVariateEstimator, type ValueAndSlope } from "../internal/controlVariateEstimator";

export interface RelaxOptions {
  /** Candidates of every row of logits that will be given, padding included. */
  candidates: number;
  /** Names the control variate's first weights. */
  key: RandomKey;
  /** Units of the control variate's one tanh layer. Default 16. */
  hidden?: number;
  /** Of the relaxed samples. Above 0, no unit. Default 0.5. */
  temperature?: Temperature;
  /** How much of the control variate is used at first. Default 1. */
  eta?: number;
}

/**
 * REBAR with a small network added to its control variate; it starts as REBAR. Train `parameters()` together with
 * the rest: beside the gradients for the logits and the loss's own variables, the value carries the gradient of the
 * estimator's variance for them.
 *
 * Forward: the loss at D ~ softmax(s).
 * Backward: (l(D) - eta c(S~)) (D - pi) + eta d c(S) / ds - eta d c(S~) / ds, with c = l + network and S, S~ as in
 * REBAR.
 * Bias and variance: unbiased whatever the network; its variance is what the network learns to lower.
 *
 * @throws SymgradError `E_RANGE` if a size or the temperature is out of range; later `E_SHAPE` if the logits have
 *   another number of candidates.
 * @see Grathwohl, Choi, Wu, Roeder and Duvenaud 2018, arXiv:1711.00123, section 3.
 */
export function relax(options: RelaxOptions): StatefulEstimator {
  const name = "relax";
  const { candidates, key, hidden = 16, temperature = 0.5, eta = 1 } = options;
  assertCount(name, "candidates", candidates);
  assertCount(name, "hidden", hidden);
  const variables = tf.tidy(() => ({
    eta: tf.variable(tf.scalar(eta)),
    weight: tf.variable(
      normal(key, [hidden, candidates], { standardDeviation: 1 / Math.sqrt(candidates) }) as tf.Tensor2D,
    ),
    bias: tf.variable(tf.zeros([hidden]) as tf.Tensor1D),
    out: tf.variable(tf.zeros([1, hidden]) as tf.Tensor2D),
  }));
  const network = (x: tf.Tensor2D): ValueAndSlope => {
    const units = tf.tanh(tf.add(tf.matMul(x, asTensor(variables.weight), false, true), variables.bias));
    const slopes = tf.mul(variables.out, tf.sub(1, tf.square(units))) as tf.Tensor2D;
    return {
      value: tf.sum(tf.mul(units, variables.out), 1),
      slope: tf.matMul(slopes, asTensor(variables.weight)),
    };
  };
  const estimator = controlVariateEstimator(name, { temperature, eta: variables.eta, network });
  return {
    ...estimator,
    expectedLoss: (logits, loss, choose) => {
      if (logits.rank === 2 && logits.shape[1] !== candidates) {
        throw new SymgradError(
          "E_SHAPE",
          `${name}: was made for ${candidates} candidates, got \`logits\` of shape [${logits.shape.join(", ")}].`,
          { hint: "pad the logits with -Infinity to one number of candidates" },
        );
      }
      return estimator.expectedLoss(logits, loss, choose);
    },
    parameters: () => new Map(Object.entries(variables) as [string, tf.Variable][]),
    dispose: () => tf.dispose(Object.values(variables)),
  };
}

function asTensor(variable: tf.Variable): tf.Tensor2D {
  return variable as tf.Tensor as tf.Tensor2D;
}

import * as tf from "@tensorflow/tfjs";
import { assertBelow } from "../internal/assertBelow";
import type { ParameterUpdate, UpdatedParameter } from "./optimizer";

/** Moments: running means of the gradient and of its square. */
export const MOMENTS = { m: 0, v: 0 };

export interface AdamSettings {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
}

/** The settings with their defaults. @throws SymgradError `E_RANGE` if a beta is not in [0, 1), or epsilon negative. */
export function adamSettings(where: string, settings: AdamSettings): Required<AdamSettings> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = settings;
  assertBelow(where, "beta1", beta1, 1);
  assertBelow(where, "beta2", beta2, 1);
  assertBelow(where, "epsilon", epsilon, Number.POSITIVE_INFINITY);
  return { beta1, beta2, epsilon };
}

/**
 * p - rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon), with the root of the second correction taken out
 * of the fraction, so that each element is touched as little as possible.
 *
 * @see Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
 */
export function adamRule(
  { beta1, beta2, epsilon }: Required<AdamSettings>,
  learningRate: tf.Tensor,
  step: tf.Tensor,
): (update: ParameterUpdate<"m" | "v">) => UpdatedParameter<"m" | "v"> {
  const root = oneMinusPower(beta2, step).sqrt();
  const rate = learningRate.mul(root).div(oneMinusPower(beta1, step));
  const floor = root.mul(epsilon);
  return ({ parameter, gradient, slots }) => {
    const m = slots.m.mul(beta1).add(gradient.mul(1 - beta1));
    const v = slots.v.mul(beta2).add(gradient.square().mul(1 - beta2));
    return { parameter: parameter.sub(m.mul(rate).div(v.sqrt().add(floor))), m, v };
  };
}

/**
 * 1 - beta^t without the cancellation of the plain formula (in float32 it loses four digits at beta = 0.999, t = 1):
 * -expm1(y) = -2 w / (1 - w), with y = t log(beta) and w = tanh(y / 2).
 */
function oneMinusPower(beta: number, step: tf.Tensor): tf.Tensor {
  if (beta === 0) return tf.scalar(1);
  const w = step.mul(Math.log(beta) / 2).tanh();
  return w.mul(-2).div(tf.sub(1, w));
}

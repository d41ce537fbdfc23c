import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Objective } from "../estimator";
import { lossOf } from "../internal/lossOf";
import type { GradientProblem } from "./gradientProblem";

/**
 * The gradient by enumeration, in double precision but for the losses themselves: J(pi)^T l of the expected loss, or
 * pi - posterior of minus the log of the marginal likelihood.
 *
 * @throws SymgradError `E_RANGE` if it is 0 or not finite.
 */
export function exactGradient(problem: GradientProblem, objective: Objective = "expectation"): Float64Array {
  const count = problem.logits.length;
  const losses = Float64Array.from(
    tf.tidy(() => lossOf(problem.name, problem.loss, tf.eye(count)).dataSync<"float32">()),
  );
  const probs = softmax(Float64Array.from(problem.logits));
  const gradient =
    objective === "marginal"
      ? minus(probs, softmax(losses.map((loss, i) => Math.log(probs[i]!) - loss)))
      : expectationGradient(probs, losses);
  const size = Math.hypot(...gradient);
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) {
    throw new SymgradError(
      "E_RANGE",
      `gradientReport: the exact gradient of problem "${problem.name}" must be finite and not 0, its length is ${size}.`,
      { hint: "choose logits and a loss under which candidates differ" },
    );
  }
  return gradient;
}

function softmax(logits: Float64Array): Float64Array {
  const peak = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - peak));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function expectationGradient(probs: Float64Array, losses: Float64Array): Float64Array {
  const mean = probs.reduce((sum, p, i) => sum + p * losses[i]!, 0);
  return probs.map((p, i) => p * (losses[i]! - mean));
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertBelow } from "../internal/assertBelow";
import { Optimizer, type OptimizerOptions, type ParameterUpdate } from "./optimizer";

export interface SGDOptions extends OptimizerOptions {
  /** How much of the last velocity stays; 0 is plain gradient descent. Default 0. */
  momentum?: number;
  /** Looks ahead by one velocity (Sutskever et al. 2013, in PyTorch's form). Needs a momentum above 0. Default false. */
  nesterov?: boolean;
  /** An L2 penalty: added to the gradient, times the parameter. Default 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent, plain, with momentum or with Nesterov's, number for number as PyTorch's
 * `torch.optim.SGD` without dampening: velocity = momentum velocity + g; p -= rate velocity, or
 * p -= rate (g + momentum velocity) with `nesterov`.
 *
 * @see Polyak 1964, doi:10.1016/0041-5553(64)90137-5; Sutskever et al. 2013, proceedings.mlr.press/v28/sutskever13.
 */
export class SGD extends Optimizer<"velocity"> {
  readonly #momentum: number;
  readonly #nesterov: boolean;

  /** @throws SymgradError `E_RANGE` if momentum is not in [0, 1), or the weight decay is negative, or Nesterov has no momentum. */
  constructor(options: SGDOptions) {
    const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
    assertBelow("SGD", "momentum", momentum, 1);
    assertBelow("SGD", "weightDecay", weightDecay, Number.POSITIVE_INFINITY);
    if (nesterov && momentum === 0) {
      throw new SymgradError("E_RANGE", "SGD: `nesterov` needs a `momentum` above 0, got 0.", {
        hint: "0.9 is usual",
      });
    }
    const slots = (momentum > 0 ? { velocity: 0 } : {}) as { velocity: number };
    super(options, { name: "SGD", slots, weightDecay });
    this.#momentum = momentum;
    this.#nesterov = nesterov;
  }

  protected override rule(learningRate: tf.Tensor) {
    return ({ parameter, gradient, slots }: ParameterUpdate<"velocity">) => {
      if (this.#momentum === 0)
        return { parameter: parameter.sub(gradient.mul(learningRate)), velocity: gradient };
      const velocity = slots.velocity.mul(this.#momentum).add(gradient);
      const direction = this.#nesterov ? velocity.mul(this.#momentum).add(gradient) : velocity;
      return { parameter: parameter.sub(direction.mul(learningRate)), velocity };
    };
  }
}

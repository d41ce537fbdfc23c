import * as tf from "@tensorflow/tfjs";
import { assertBelow } from "../internal/assertBelow";
import { Optimizer, type OptimizerOptions, type ParameterUpdate } from "./optimizer";

export interface RMSPropOptions extends OptimizerOptions {
  /** How much of the running mean of squares stays (PyTorch's alpha). Default 0.99. */
  decay?: number;
  /** How much of the last velocity stays. Default 0. */
  momentum?: number;
  /** Divide by the standard deviation: the squared running mean of the gradient is taken off. Default false. */
  centered?: boolean;
  /** Default 1e-8. */
  epsilon?: number;
  /** An L2 penalty: added to the gradient, times the parameter. Default 0. */
  weightDecay?: number;
}

/**
 * RMSProp, number for number as PyTorch's `torch.optim.RMSprop` (epsilon is added to the root, not under it):
 * square = decay square + (1 - decay) g^2; p -= rate g / (sqrt(square) + epsilon). One departure: where rounding makes
 * the centered variance negative it counts as 0, and not as NaN.
 *
 * @see Tieleman and Hinton 2012, COURSERA lecture 6.5; centered: Graves 2013, arXiv:1308.0850, eq. 38-45.
 */
export class RMSProp extends Optimizer<"square" | "mean" | "velocity"> {
  readonly #settings: { decay: number; momentum: number; centered: boolean; epsilon: number };

  /** @throws SymgradError `E_RANGE` if decay or momentum is not in [0, 1), or epsilon or the weight decay is negative. */
  constructor(options: RMSPropOptions) {
    const { decay = 0.99, momentum = 0, centered = false, epsilon = 1e-8, weightDecay = 0 } = options;
    assertBelow("RMSProp", "decay", decay, 1);
    assertBelow("RMSProp", "momentum", momentum, 1);
    assertBelow("RMSProp", "epsilon", epsilon, Number.POSITIVE_INFINITY);
    assertBelow("RMSProp", "weightDecay", weightDecay, Number.POSITIVE_INFINITY);
    const slots = { square: 0, ...(centered && { mean: 0 }), ...(momentum > 0 && { velocity: 0 }) };
    super(options, { name: "RMSProp", slots: slots as Required<typeof slots>, weightDecay });
    this.#settings = { decay, momentum, centered, epsilon };
  }

  protected override rule(learningRate: tf.Tensor) {
    const { decay, momentum, centered, epsilon } = this.#settings;
    return ({ parameter, gradient, slots }: ParameterUpdate<"square" | "mean" | "velocity">) => {
      const square = slots.square.mul(decay).add(gradient.square().mul(1 - decay));
      const mean = centered ? slots.mean.mul(decay).add(gradient.mul(1 - decay)) : gradient;
      const variance = centered ? tf.relu(square.sub(mean.square())) : square;
      const direction = gradient.div(variance.sqrt().add(epsilon));
      const velocity = momentum > 0 ? slots.velocity.mul(momentum).add(direction) : direction;
      return { parameter: parameter.sub(velocity.mul(learningRate)), square, mean, velocity };
    };
  }
}

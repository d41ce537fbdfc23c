import type * as tf from "@tensorflow/tfjs";
import { assertBelow } from "../internal/assertBelow";
import { Optimizer, type OptimizerOptions, type ParameterUpdate } from "./optimizer";

export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares starts at. Default 0. */
  initialSum?: number;
  /** Default 1e-10. */
  epsilon?: number;
  /** An L2 penalty: added to the gradient, times the parameter. Default 0. */
  weightDecay?: number;
}

/**
 * Adagrad, number for number as PyTorch's `torch.optim.Adagrad` without rate decay (use a schedule):
 * sum += g^2; p -= rate g / (sqrt(sum) + epsilon).
 *
 * @see Duchi, Hazan and Singer 2011, jmlr.org/papers/v12/duchi11a.
 */
export class Adagrad extends Optimizer<"sum"> {
  readonly #epsilon: number;

  /** @throws SymgradError `E_RANGE` if a setting is negative. */
  constructor(options: AdagradOptions) {
    const { initialSum = 0, epsilon = 1e-10, weightDecay = 0 } = options;
    for (const [name, value] of Object.entries({ initialSum, epsilon, weightDecay })) {
      assertBelow("Adagrad", name, value, Number.POSITIVE_INFINITY);
    }
    super(options, { name: "Adagrad", slots: { sum: initialSum }, weightDecay });
    this.#epsilon = epsilon;
  }

  protected override rule(learningRate: tf.Tensor) {
    return ({ parameter, gradient, slots }: ParameterUpdate<"sum">) => {
      const sum = slots.sum.add(gradient.square());
      const change = gradient.mul(learningRate).div(sum.sqrt().add(this.#epsilon));
      return { parameter: parameter.sub(change), sum };
    };
  }
}

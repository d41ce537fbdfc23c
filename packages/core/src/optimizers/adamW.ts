import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertShape } from "../internal/assertShape";

export interface AdamWOptions {
  /** As `Module.parameters()` gives them. */
  parameters: ReadonlyMap<string, tf.Variable>;
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Decoupled: each step multiplies decayed parameters by 1 - learningRate * weightDecay. Default 0.01. */
  weightDecay?: number;
  /** Which parameters decay. Default: those of two axes or more (weights and tables; not biases and norms). */
  decays?: (name: string) => boolean;
}

/**
 * Adam with decoupled weight decay, number for number as PyTorch's `torch.optim.AdamW`.
 *
 * Moments and step count are variables made here, so that a step can be traced: nothing is created inside it, and
 * the learning rate is an input.
 *
 * @see Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; Kingma and Ba 2015, arXiv:1412.6980.
 */
export class AdamW {
  readonly #parameters: ReadonlyMap<string, tf.Variable>;
  readonly #moments = new Map<string, { m: tf.Variable; v: tf.Variable }>();
  readonly #step: tf.Variable;
  readonly #options: { beta1: number; beta2: number; epsilon: number; weightDecay: number };
  readonly #decays: (name: string) => boolean;

  /** @throws SymgradError `E_RANGE` if a beta is not in [0, 1), or epsilon or the weight decay is negative. */
  constructor(options: AdamWOptions) {
    const { parameters, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
    for (const [name, value, below] of [
      ["beta1", beta1, 1],
      ["beta2", beta2, 1],
      ["epsilon", epsilon, Number.POSITIVE_INFINITY],
      ["weightDecay", weightDecay, Number.POSITIVE_INFINITY],
    ] as const) {
      if (!(value >= 0 && value < below)) {
        throw new SymgradError("E_RANGE", `AdamW: \`${name}\` must be in [0, ${below}), got ${value}.`);
      }
    }
    this.#parameters = new Map(parameters);
    this.#options = { beta1, beta2, epsilon, weightDecay };
    this.#decays = options.decays ?? ((name) => parameters.get(name)!.rank >= 2);
    for (const [name, { shape }] of parameters) {
      this.#moments.set(name, { m: zeros(shape), v: zeros(shape) });
    }
    this.#step = zeros([]);
  }

  /**
   * Updates the parameters in place. Parameters without a gradient stay as they are, and so do their moments.
   *
   * @param gradients Under the parameters' names, of the parameters' shapes. Not disposed.
   * @param learningRate A scalar tensor, so that it may change from step to step of a traced function.
   * @throws SymgradError `E_NAME` for a gradient without a parameter; `E_SHAPE` if shapes disagree.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: tf.Scalar): void {
    assertShape("AdamW", "learningRate", learningRate, [], "pass tf.scalar(rate)");
    for (const [name, gradient] of gradients) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) {
        throw new SymgradError("E_NAME", `AdamW: there is no parameter "${name}".`, {
          hint: `known: ${[...this.#parameters.keys()].join(", ")}`,
        });
      }
      assertShape("AdamW", `gradient of ${name}`, gradient, parameter.shape);
    }
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    tf.tidy(() => {
      const step = this.#step.add(1);
      this.#step.assign(step);
      // p - rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon), with the root of the second correction
      // taken out of the fraction, so that each element is touched as little as possible.
      const root = oneMinusPower(beta2, step).sqrt();
      const rate = learningRate.mul(root).div(oneMinusPower(beta1, step));
      const floor = root.mul(epsilon);
      const keep = tf.sub(1, learningRate.mul(weightDecay));
      for (const [name, gradient] of gradients) {
        const parameter = this.#parameters.get(name)!;
        const { m, v } = this.#moments.get(name)!;
        const nextM = m.mul(beta1).add(gradient.mul(1 - beta1));
        const nextV = v.mul(beta2).add(gradient.square().mul(1 - beta2));
        const kept = weightDecay > 0 && this.#decays(name) ? parameter.mul(keep) : parameter;
        parameter.assign(kept.sub(nextM.mul(rate).div(nextV.sqrt().add(floor))));
        m.assign(nextM);
        v.assign(nextV);
      }
    });
  }

  /** What a checkpoint must hold besides the parameters: `"m.<name>"`, `"v.<name>"` and `"step"`. */
  state(): Map<string, tf.Variable> {
    const state = new Map<string, tf.Variable>();
    for (const [name, { m, v }] of this.#moments) state.set(`m.${name}`, m).set(`v.${name}`, v);
    return state.set("step", this.#step);
  }

  /** Frees the moments and the step count; not the parameters. */
  dispose(): void {
    for (const variable of this.state().values()) variable.dispose();
  }
}

function zeros(shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(shape), false));
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

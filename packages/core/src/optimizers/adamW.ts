import * as tf from "@tensorflow/tfjs";
import { assertBelow } from "../internal/assertBelow";
import { type AdamSettings, adamRule, adamSettings, MOMENTS } from "./adamRule";
import { Optimizer, type OptimizerOptions, type ParameterUpdate } from "./optimizer";

export interface AdamWOptions extends OptimizerOptions, AdamSettings {
  /** Decoupled: each step multiplies decayed parameters by 1 - learningRate * weightDecay. Default 0.01. */
  weightDecay?: number;
}

/**
 * Adam with decoupled weight decay, number for number as PyTorch's `torch.optim.AdamW`.
 *
 * @see Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; Kingma and Ba 2015, arXiv:1412.6980.
 */
export class AdamW extends Optimizer<"m" | "v"> {
  readonly #settings: Required<AdamSettings>;
  readonly #weightDecay: number;

  /** @throws SymgradError `E_RANGE` if a beta is not in [0, 1), or epsilon or the weight decay is negative. */
  constructor(options: AdamWOptions) {
    const { weightDecay = 0.01 } = options;
    assertBelow("AdamW", "weightDecay", weightDecay, Number.POSITIVE_INFINITY);
    const settings = adamSettings("AdamW", options);
    super(options, { name: "AdamW", slots: MOMENTS, counts: true });
    this.#settings = settings;
    this.#weightDecay = weightDecay;
  }

  protected override rule(learningRate: tf.Tensor, step: tf.Tensor) {
    const adam = adamRule(this.#settings, learningRate, step);
    const keep = tf.sub(1, learningRate.mul(this.#weightDecay));
    return (update: ParameterUpdate<"m" | "v">) => {
      const decays = this.#weightDecay > 0 && this.decays(update.name);
      return adam(decays ? { ...update, parameter: update.parameter.mul(keep) } : update);
    };
  }
}

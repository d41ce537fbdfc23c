import type * as tf from "@tensorflow/tfjs";
import { assertBelow } from "../internal/assertBelow";
import { type AdamSettings, adamRule, adamSettings, MOMENTS } from "./adamRule";
import { Optimizer, type OptimizerOptions } from "./optimizer";

export interface AdamOptions extends OptimizerOptions, AdamSettings {
  /** An L2 penalty: added to the gradient, times the parameter. {@link AdamW} decays better. Default 0. */
  weightDecay?: number;
}

/**
 * Adam, number for number as PyTorch's `torch.optim.Adam`.
 *
 * @see Kingma and Ba 2015, arXiv:1412.6980, algorithm 1.
 */
export class Adam extends Optimizer<"m" | "v"> {
  readonly #settings: Required<AdamSettings>;

  /** @throws SymgradError `E_RANGE` if a beta is not in [0, 1), or epsilon or the weight decay is negative. */
  constructor(options: AdamOptions) {
    const { weightDecay = 0 } = options;
    assertBelow("Adam", "weightDecay", weightDecay, Number.POSITIVE_INFINITY);
    const settings = adamSettings("Adam", options);
    super(options, { name: "Adam", slots: MOMENTS, counts: true, weightDecay });
    this.#settings = settings;
  }

  protected override rule(learningRate: tf.Tensor, step: tf.Tensor) {
    return adamRule(this.#settings, learningRate, step);
  }
}

import type * as tf from "@tensorflow/tfjs";
import { createParameter } from "./initializers";
import { Module } from "./module";
import { layerNorm } from "./ops/layerNorm";

export interface LayerNormOptions {
  hidden: number;
  /** Added to the variance. Default 1e-5, as in PyTorch; BERT has 1e-12. */
  epsilon?: number;
}

/** Brings each vector to mean 0 and variance 1, then scales and shifts it. Starts with scale 1 and shift 0. */
export class LayerNorm extends Module {
  /** `[hidden]` */
  readonly weight: tf.Variable;
  /** `[hidden]` */
  readonly bias: tf.Variable;
  readonly epsilon: number;

  constructor({ hidden, epsilon = 1e-5 }: LayerNormOptions) {
    super();
    this.weight = createParameter([hidden], new Float32Array(hidden).fill(1));
    this.bias = createParameter([hidden], new Float32Array(hidden));
    this.epsilon = epsilon;
  }

  /**
   * @param x `[..., hidden]`
   * @returns `[..., hidden]`
   * @throws SymgradError `E_SHAPE` if the last axis of `x` is not `hidden`.
   */
  apply(x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.weight, this.bias, this.epsilon);
  }
}

import * as tf from "@tensorflow/tfjs";
import { assertShape } from "../internal/assertShape";
import type { RandomKey } from "../random/randomKey";
import { createParameter, type Initializer, uniformInitializer } from "./initializers";
import { Module } from "./module";

export interface LinearOptions {
  inputs: number;
  outputs: number;
  /** Names the first weights. */
  key: RandomKey;
  /** Default `true`. */
  bias?: boolean;
  /**
   * First weights; the bias then starts at zero. Default: PyTorch's, weight and bias from
   * U(-1/sqrt(inputs), 1/sqrt(inputs)).
   */
  initializer?: Initializer;
}

/** x W^T + b over the last axis. */
export class Linear extends Module {
  /** `[outputs, inputs]` */
  readonly weight: tf.Variable;
  /** `[outputs]` */
  readonly bias: tf.Variable | undefined;

  constructor({ inputs, outputs, key, bias = true, initializer }: LinearOptions) {
    super();
    const [weightKey, biasKey] = key.split(2) as [RandomKey, RandomKey];
    const usual = uniformInitializer(1 / Math.sqrt(inputs));
    this.weight = createParameter([outputs, inputs], (initializer ?? usual)(weightKey, [outputs, inputs]));
    if (bias) {
      const first = initializer === undefined ? usual(biasKey, [outputs]) : new Float32Array(outputs);
      this.bias = createParameter([outputs], first);
    }
  }

  /**
   * @param x `[..., inputs]`
   * @returns `[..., outputs]`
   * @throws SymgradError `E_SHAPE` if the last axis of `x` is not `inputs`.
   */
  apply(x: tf.Tensor): tf.Tensor {
    const [outputs, inputs] = this.weight.shape as [number, number];
    assertShape("Linear", "x", x, ["...", inputs]);
    return tf.tidy(() => {
      const product = tf.matMul(
        x.reshape([-1, inputs]),
        this.weight as tf.Tensor as tf.Tensor2D,
        false,
        true,
      );
      const sum = this.bias === undefined ? product : product.add(this.bias);
      return sum.reshape([...x.shape.slice(0, -1), outputs]);
    });
  }
}

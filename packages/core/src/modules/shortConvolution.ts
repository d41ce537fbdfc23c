import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertShape } from "../internal/assertShape";
import type { RandomKey } from "../random/randomKey";
import { createParameter, uniformInitializer } from "./initializers";
import { Module } from "./module";

export interface ShortConvolutionOptions {
  hidden: number;
  /** Number of neighboring tokens seen, odd. Default 5. */
  width?: number;
  /** Names the first weights: U(-1/sqrt(width), 1/sqrt(width)), as PyTorch's depthwise convolution. */
  key: RandomKey;
  /** Default `true`. */
  bias?: boolean;
}

/**
 * x + a depthwise convolution of x along the tokens, so that a token sees its neighbors. It is composed of `width`
 * shifted slices times a vector each, whose gradients are slices and sums on every backend.
 *
 * @see So et al. 2021, "Primer", arXiv:2109.08668 (short convolutions beside attention).
 */
export class ShortConvolution extends Module {
  /** `[width, hidden]`; row i weighs the token i - (width - 1) / 2 places to the right. */
  readonly weight: tf.Variable;
  /** `[hidden]` */
  readonly bias: tf.Variable | undefined;

  /** @throws SymgradError `E_RANGE` if `width` is not an odd integer. */
  constructor({ hidden, width = 5, key, bias = true }: ShortConvolutionOptions) {
    super();
    if (!Number.isInteger(width) || width < 1 || width % 2 === 0) {
      throw new SymgradError("E_RANGE", `ShortConvolution: \`width\` must be odd, got ${width}.`);
    }
    const [weightKey, biasKey] = key.split(2) as [RandomKey, RandomKey];
    const initializer = uniformInitializer(1 / Math.sqrt(width));
    this.weight = createParameter([width, hidden], initializer(weightKey, [width, hidden]));
    if (bias) this.bias = createParameter([hidden], initializer(biasKey, [hidden]));
  }

  /**
   * @param x `[batch, tokens, hidden]`
   * @param mask `[batch, tokens]`, 1 = real, 0 = padding. Padding counts as zero, and is zero in the result.
   * @returns `[batch, tokens, hidden]`
   * @throws SymgradError `E_SHAPE` if `x` or the mask have another shape.
   */
  apply(x: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const [width, hidden] = this.weight.shape as [number, number];
    assertShape("ShortConvolution", "x", x, ["batch", "tokens", hidden]);
    const [batch, tokens] = x.shape as [number, number];
    if (mask !== undefined) assertShape("ShortConvolution", "mask", mask, [batch, tokens]);
    return tf.tidy(() => {
      const real = mask?.cast("float32").reshape([batch, tokens, 1]);
      const clean = real === undefined ? x : x.mul(real);
      const reach = (width - 1) / 2;
      const padded = tf.pad(clean, [
        [0, 0],
        [reach, reach],
        [0, 0],
      ]);
      let sum = clean;
      for (const [i, row] of tf.unstack(this.weight as tf.Tensor).entries()) {
        sum = sum.add(tf.slice(padded, [0, i, 0], [batch, tokens, hidden]).mul(row));
      }
      if (this.bias !== undefined) sum = sum.add(this.bias);
      return real === undefined ? sum : sum.mul(real);
    });
  }
}

import type { RandomKey } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/**
 * A batch of distributions. Its parameters stay the caller's; every method returns a new tensor that the caller
 * disposes, is traceable, and is differentiable with regard to the parameters unless it says otherwise.
 */
export interface Distribution {
  /** One distribution for each index of this shape. */
  readonly batchShape: readonly number[];
  /** Of one draw from one distribution. */
  readonly eventShape: readonly number[];
  /**
   * Independent draws, `[...sampleShape, ...batch, ...event]`, without a gradient.
   *
   * @param key The same key gives the same draws.
   * @param sampleShape Draws from each distribution. Default: one, `[]`.
   */
  sample(key: RandomKey, sampleShape?: readonly number[]): tf.Tensor;
  /**
   * Logarithm of the probability, or of the density, in nats: `[...samples, ...batch]`; -Infinity outside the support.
   *
   * @param value `[...samples, ...batch, ...event]`, or what broadcasts to it.
   */
  logProb(value: tf.Tensor): tf.Tensor;
}

/** One whose draws are a differentiable function of its parameters and of noise that does not depend on them. */
export interface ReparameterizedDistribution extends Distribution {
  /** The draws of `sample` with the same key, with their gradient. */
  rsample(key: RandomKey, sampleShape?: readonly number[]): tf.Tensor;
}

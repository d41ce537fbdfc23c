import { isTracing, type RandomKey, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { broadcastShape } from "../internal/broadcastShape";
import { withoutGradient } from "../internal/withoutGradient";
import { gumbelNoise } from "../noise/gumbelNoise";
import type { ReparameterizedDistribution } from "./distribution";

/** The Euler-Mascheroni constant, mean of Gumbel(0, 1). */
export const EULER_GAMMA = 0.5772156649015329;

export interface GumbelOptions {
  /** The mode. Default 0. */
  loc?: number | tf.Tensor;
  /** Above 0; broadcasts with `loc`. Default 1. */
  scale?: number | tf.Tensor;
}

/**
 * The Gumbel distribution of largest values: density exp(-z - exp(-z)) / scale with z = (x - loc) / scale.
 *
 * @throws SymgradError `E_RANGE` if a scale is not above 0, where it can be looked at (not inside `jit`).
 * @see Gumbel 1958, "Statistics of Extremes", section 5.2. As `torch.distributions.Gumbel`, `tfp.distributions.Gumbel`.
 * @example new Gumbel({ loc: 2, scale: 3 }).sample(key(0), [100]).shape; // [100]
 */
export class Gumbel implements ReparameterizedDistribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[] = [];
  readonly #loc: number | tf.Tensor;
  readonly #scale: number | tf.Tensor;

  constructor({ loc = 0, scale = 1 }: GumbelOptions = {}) {
    assertScale(scale);
    this.#loc = loc;
    this.#scale = scale;
    this.batchShape = broadcastShape(shapeOf(loc), shapeOf(scale));
  }

  /** `[...batch]` */
  get loc(): tf.Tensor {
    return tf.tidy(() => this.#full(this.#loc));
  }

  /** `[...batch]` */
  get scale(): tf.Tensor {
    return tf.tidy(() => this.#full(this.#scale));
  }

  sample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => withoutGradient<[tf.Tensor]>(() => [this.rsample(key, sampleShape)])[0]);
  }

  rsample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => {
      const noise = gumbelNoise(key, [...sampleShape, ...this.batchShape]);
      return tf.add(this.#loc, tf.mul(this.#scale, noise));
    });
  }

  logProb(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const z = this.#standardized(value);
      return tf.neg(tf.add(tf.add(z, tf.exp(tf.neg(z))), tf.log(this.#scale)));
    });
  }

  /** P(x at most value), `[...samples, ...batch]`. */
  cdf(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.exp(tf.neg(tf.exp(tf.neg(this.#standardized(value))))));
  }

  /** The value that `cdf` gives `probability`, in (0, 1). */
  quantile(probability: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.sub(this.#loc, tf.mul(this.#scale, tf.log(tf.neg(tf.log(probability))))));
  }

  /** Differential entropy in nats, `[...batch]`: log scale + gamma + 1. */
  entropy(): tf.Tensor {
    return tf.tidy(() => tf.add(this.#full(tf.log(this.#scale)), EULER_GAMMA + 1));
  }

  /** loc + gamma scale, `[...batch]`. */
  mean(): tf.Tensor {
    return tf.tidy(() => tf.add(this.#loc, tf.mul(this.#full(this.#scale), EULER_GAMMA)));
  }

  /** loc, `[...batch]`. */
  mode(): tf.Tensor {
    return this.loc;
  }

  /** pi^2 / 6 scale^2, `[...batch]`. */
  variance(): tf.Tensor {
    return tf.tidy(() => tf.mul(this.#full(tf.square(this.#scale)), Math.PI ** 2 / 6));
  }

  #standardized(value: tf.Tensor): tf.Tensor {
    return tf.div(tf.sub(value, this.#loc), this.#scale);
  }

  /** Broadcast to the batch, differentiable. */
  #full(parameter: number | tf.Tensor): tf.Tensor {
    return tf.add(parameter, tf.zeros([...this.batchShape]));
  }
}

function assertScale(scale: number | tf.Tensor): void {
  if (typeof scale !== "number" && isTracing()) return;
  const values = typeof scale === "number" ? [scale] : scale.dataSync();
  for (const value of values) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new SymgradError("E_RANGE", `Gumbel: \`scale\` must be above 0 and finite, got ${value}.`);
    }
  }
}

function shapeOf(parameter: number | tf.Tensor): readonly number[] {
  return typeof parameter === "number" ? [] : parameter.shape;
}

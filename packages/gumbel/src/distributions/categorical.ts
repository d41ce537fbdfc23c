import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import {
  assertCategorical,
  type CategoricalLogits,
  type CategoricalOptions,
  categoricalLogits,
  type Normalized,
  normalize,
  withForbidden,
} from "../internal/categoricalLogits";
import { oneHotRows } from "../internal/oneHotRows";
import { withoutGradient } from "../internal/withoutGradient";
import { gumbelNoise } from "../noise/gumbelNoise";
import type { Distribution } from "./distribution";

/**
 * A choice among classes; a draw is the class's index, int32. A batch entry whose every class is forbidden has
 * probabilities 0, entropy 0, log-probabilities -Infinity, and its draws are 0.
 *
 * Mean and variance are not defined: the classes are names, not amounts.
 *
 * @throws SymgradError `E_SHAPE` unless exactly one of logits and probs is given, with shape `[...batch, classes]`.
 * @see As `torch.distributions.Categorical` and `tfp.distributions.Categorical`.
 * @example new Categorical({ logits: tf.tensor1d([0, 2, 1]) }).sample(key(0), [5]).shape; // [5]
 */
export class Categorical implements Distribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[] = [];
  readonly classes: number;
  readonly #options: CategoricalOptions;

  constructor(options: CategoricalOptions) {
    const { shape } = assertCategorical("Categorical", options);
    this.batchShape = shape.slice(0, -1);
    this.classes = shape.at(-1)!;
    this.#options = options;
  }

  /** `[...batch, classes]`; each row sums to 1. */
  probs(): tf.Tensor {
    return tf.tidy(() => this.normalized().probs);
  }

  /** `[...batch, classes]`; -Infinity for a forbidden class. */
  logProbs(): tf.Tensor {
    return tf.tidy(() => {
      const { finiteLogProbs, allowed } = this.normalized();
      return withForbidden(finiteLogProbs, allowed);
    });
  }

  sample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(
      () =>
        withoutGradient<[tf.Tensor]>(() => {
          const { scores, allowed } = this.#logits();
          const noisy = tf.add(scores, gumbelNoise(key, [...sampleShape, ...scores.shape]));
          return [tf.argMax(withForbidden(noisy, allowed), -1)];
        })[0],
    );
  }

  /** @param value Class indices, int32, `[...samples, ...batch]` or what broadcasts to it. No gradient flows to it. */
  logProb(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { finiteLogProbs, allowed } = this.normalized();
      const [chosen, possible] = withoutGradient<[tf.Tensor, tf.Tensor]>(() => {
        const oneHot = oneHotRows(tf.cast(value, "int32"), this.classes);
        return [oneHot, tf.sum(tf.mul(oneHot, allowed), -1)];
      });
      return withForbidden(tf.sum(tf.mul(chosen, finiteLogProbs), -1), possible);
    });
  }

  /** In nats, `[...batch]`: -sum of p log p. */
  entropy(): tf.Tensor {
    return tf.tidy(() => {
      const { probs, finiteLogProbs } = this.normalized();
      return tf.neg(tf.sum(tf.mul(probs, finiteLogProbs), -1));
    });
  }

  /** The likeliest class, int32 `[...batch]`, ties to the lowest index; without a gradient. */
  mode(): tf.Tensor {
    return tf.tidy(
      () =>
        withoutGradient<[tf.Tensor]>(() => {
          const { scores, allowed } = this.#logits();
          return [tf.argMax(withForbidden(scores, allowed), -1)];
        })[0],
    );
  }

  /** @internal Inside a tidy: what its distributions of other events, and divergences, are made of. */
  normalized(): Normalized & { allowed: tf.Tensor } {
    const logits = this.#logits();
    return { ...normalize(logits), allowed: logits.allowed };
  }

  #logits(): CategoricalLogits {
    return categoricalLogits(this.#options);
  }
}

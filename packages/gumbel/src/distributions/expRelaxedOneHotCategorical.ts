import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "../estimator";
import {
  assertCategorical,
  type CategoricalOptions,
  categoricalLogits,
  normalize,
  withForbidden,
} from "../internal/categoricalLogits";
import { assertTemperature, temperatureTensor } from "../internal/temperature";
import { withoutGradient } from "../internal/withoutGradient";
import { gumbelNoise } from "../noise/gumbelNoise";
import type { ReparameterizedDistribution } from "./distribution";

export interface RelaxedOptions extends CategoricalOptions {
  /** Above 0, no unit; a scalar tensor gets its gradient. Small: near one-hot. Large: near uniform. */
  temperature: Temperature;
}

/**
 * The logarithm of a relaxed one-hot draw: x = logSoftmax((logits + g) / temperature). The same law as
 * {@link RelaxedOneHotCategorical}, for temperatures at which exp(x) is 0 in float32. A forbidden class's x is -Infinity.
 *
 * @throws SymgradError `E_SHAPE` as {@link Categorical}; `E_RANGE` if the temperature is not above 0.
 * @see Maddison, Mnih and Teh 2017, arXiv:1611.00712, appendix C.3.
 */
export class ExpRelaxedOneHotCategorical implements ReparameterizedDistribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[];
  readonly #options: RelaxedOptions;

  constructor(options: RelaxedOptions) {
    const { shape } = assertCategorical("RelaxedOneHotCategorical", options);
    assertTemperature("RelaxedOneHotCategorical", options.temperature);
    this.batchShape = shape.slice(0, -1);
    this.eventShape = shape.slice(-1);
    this.#options = options;
  }

  sample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => withoutGradient<[tf.Tensor]>(() => [this.rsample(key, sampleShape)])[0]);
  }

  rsample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => {
      const { finiteLogProbs, allowed } = this.#draw(key, sampleShape);
      return withForbidden(finiteLogProbs, allowed);
    });
  }

  /** @internal exp of `rsample`, without the detour. */
  rsampleProbs(key: RandomKey, sampleShape: readonly number[]): tf.Tensor {
    return tf.tidy(() => this.#draw(key, sampleShape).probs);
  }

  /**
   * With K allowed classes: log (K - 1)! + (K - 1) log temperature + the sum over them of
   * logSoftmax(logits - temperature x), the paper's eq. 26.
   *
   * @param value `[...samples, ...batch, classes]`, exp of which sums to 1 (not checked).
   */
  logProb(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { scores, allowed } = categoricalLogits(this.#options);
      const temperature = temperatureTensor(this.#options.temperature);
      const [count, logGamma, inside] = withoutGradient<[tf.Tensor, tf.Tensor, tf.Tensor]>(() => {
        const k = tf.sum(allowed, -1);
        const stray = tf.greater(tf.mul(tf.sub(1, allowed), tf.exp(value)), 0);
        const fits = tf.logicalNot(tf.any(stray, -1));
        return [
          k,
          tf.gather(this.#logFactorials(), tf.cast(k, "int32")),
          tf.logicalAnd(fits, tf.greater(k, 0)),
        ];
      });
      const x = tf.where(tf.cast(allowed, "bool"), value, tf.zerosLike(value));
      const { finiteLogProbs } = normalize({ scores: tf.sub(scores, tf.mul(temperature, x)), allowed });
      const scale = tf.mul(tf.sub(count, 1), tf.log(temperature));
      const density = tf.add(tf.add(logGamma, scale), tf.sum(finiteLogProbs, -1));
      return tf.where(inside, density, tf.fill(density.shape, Number.NEGATIVE_INFINITY));
    });
  }

  /** @internal float32 `[...batch, classes]`: 1 where the class may be drawn. */
  allowed(): tf.Tensor {
    return tf.tidy(() => categoricalLogits(this.#options).allowed);
  }

  #draw(key: RandomKey, sampleShape: readonly number[]) {
    const { scores, allowed } = categoricalLogits(this.#options);
    const noisy = tf.add(scores, gumbelNoise(key, [...sampleShape, ...scores.shape]));
    return {
      ...normalize({ scores: noisy, allowed }, temperatureTensor(this.#options.temperature)),
      allowed,
    };
  }

  /** log (k - 1)! at k, from 0 to the number of classes. */
  #logFactorials(): tf.Tensor1D {
    const table = [0, 0];
    for (let k = 2; k <= this.eventShape[0]!; k++) table.push(table[k - 1]! + Math.log(k - 1));
    return tf.tensor1d(table, "float32");
  }
}

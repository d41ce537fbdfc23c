import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "../internal/withoutGradient";
import type { ReparameterizedDistribution } from "./distribution";
import { ExpRelaxedOneHotCategorical, type RelaxedOptions } from "./expRelaxedOneHotCategorical";

/**
 * The Concrete or Gumbel-softmax distribution over the simplex: y = softmax((logits + g) / temperature), g from
 * Gumbel(0, 1). A forbidden class's y is 0; where nothing is allowed, all are. Its moments have no closed form.
 *
 * @throws SymgradError `E_SHAPE` as {@link Categorical}; `E_RANGE` if the temperature is not above 0.
 * @see Maddison, Mnih and Teh 2017, arXiv:1611.00712, eq. 10; Jang, Gu and Poole 2017, arXiv:1611.01144. As
 *   `torch.distributions.RelaxedOneHotCategorical` and `tfp.distributions.RelaxedOneHotCategorical`.
 */
export class RelaxedOneHotCategorical implements ReparameterizedDistribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[];
  readonly #logarithm: ExpRelaxedOneHotCategorical;

  constructor(options: RelaxedOptions) {
    this.#logarithm = new ExpRelaxedOneHotCategorical(options);
    this.batchShape = this.#logarithm.batchShape;
    this.eventShape = this.#logarithm.eventShape;
  }

  sample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => withoutGradient<[tf.Tensor]>(() => [this.rsample(key, sampleShape)])[0]);
  }

  rsample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return this.#logarithm.rsampleProbs(key, sampleShape);
  }

  /**
   * @param value Points of the simplex, `[...samples, ...batch, classes]`. A component that is 0 in float32 counts as
   *   the smallest normal number, 1.2e-38; {@link ExpRelaxedOneHotCategorical} keeps it apart.
   */
  logProb(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const [zero, forbiddenZero, counted] = withoutGradient<[tf.Tensor, tf.Tensor, tf.Tensor]>(() => {
        const allowed = this.#logarithm.allowed();
        const zero = tf.lessEqual(value, 0);
        return [zero, tf.logicalAnd(zero, tf.equal(allowed, 0)), allowed];
      });
      const logarithm = tf.log(tf.where(zero, tf.fill(value.shape, SMALLEST), value));
      const jacobian = tf.sum(tf.mul(logarithm, counted), -1);
      const x = tf.where(forbiddenZero, tf.fill(value.shape, Number.NEGATIVE_INFINITY), logarithm);
      return tf.sub(this.#logarithm.logProb(x), jacobian);
    });
  }
}

const SMALLEST = 2 ** -126;

import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { CategoricalOptions } from "../internal/categoricalLogits";
import { oneHotRows } from "../internal/oneHotRows";
import { withoutGradient } from "../internal/withoutGradient";
import { Categorical } from "./categorical";
import type { Distribution } from "./distribution";

/**
 * A choice among classes; a draw is a one-hot vector, float32. For draws with a gradient take an estimator
 * (`straightThrough`, `reinmax`, ...) or {@link RelaxedOneHotCategorical}.
 *
 * @throws SymgradError `E_SHAPE` as {@link Categorical}.
 * @see As `torch.distributions.OneHotCategorical` and `tfp.distributions.OneHotCategorical`.
 */
export class OneHotCategorical implements Distribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[];
  /** The same choice, with indices for draws. */
  readonly categorical: Categorical;

  constructor(options: CategoricalOptions) {
    this.categorical = new Categorical(options);
    this.batchShape = this.categorical.batchShape;
    this.eventShape = [this.categorical.classes];
  }

  probs(): tf.Tensor {
    return this.categorical.probs();
  }

  logProbs(): tf.Tensor {
    return this.categorical.logProbs();
  }

  sample(key: RandomKey, sampleShape: readonly number[] = []): tf.Tensor {
    return tf.tidy(() => oneHotRows(this.categorical.sample(key, sampleShape), this.categorical.classes));
  }

  /** @param value One-hot vectors, `[...samples, ...batch, classes]`; the sum of value * log p, differentiable in both. */
  logProb(value: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { finiteLogProbs, allowed } = this.categorical.normalized();
      const [inside] = withoutGradient<[tf.Tensor]>(() => [
        tf.equal(tf.sum(tf.mul(tf.abs(value), tf.sub(1, allowed)), -1), 0),
      ]);
      const sum = tf.sum(tf.mul(value, finiteLogProbs), -1);
      return tf.where(inside, sum, tf.fill(sum.shape, Number.NEGATIVE_INFINITY));
    });
  }

  /** In nats, `[...batch]`. */
  entropy(): tf.Tensor {
    return this.categorical.entropy();
  }

  /** The probabilities, `[...batch, classes]`. */
  mean(): tf.Tensor {
    return this.probs();
  }

  /** One-hot, `[...batch, classes]`, ties to the lowest index; without a gradient. */
  mode(): tf.Tensor {
    return tf.tidy(() => oneHotRows(this.categorical.mode(), this.categorical.classes));
  }

  /** p (1 - p) of each class, `[...batch, classes]`. */
  variance(): tf.Tensor {
    return tf.tidy(() => {
      const { probs } = this.categorical.normalized();
      return tf.mul(probs, tf.sub(1, probs));
    });
  }
}

import * as tf from "@tensorflow/tfjs";
import type { ChooseOptions, Temperature } from "../estimator";
import { softmaxOf } from "../internal/allowedScores";
import { assertCount } from "../internal/assertCount";
import { assertLogits } from "../internal/assertLogits";
import { draw } from "../internal/draw";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { assertTemperature, temperatureTensor } from "../internal/temperature";
import { topRows } from "../internal/topRows";
import { withGradient } from "../internal/withGradient";
import { withoutGradient } from "../internal/withoutGradient";
import type { SubsetChoice, SubsetEstimator } from "./subsetEstimator";

export interface GumbelTopKOptions {
  /** How many candidates are chosen. */
  k: number;
  /** Of the relaxed subset that is differentiated. Above 0, no unit. No gradient flows to it. */
  temperature: Temperature;
}

const smallest = 1e-6; // of 1 - p, where the relaxed choice is certain

/**
 * k candidates without replacement, each draw in proportion to exp(s) of those left; the order of the draws is lost.
 *
 * Forward: the k largest of s + G, with G ~ Gumbel(0, 1), as a row of k ones.
 * Backward: that of the relaxed subset p_1 + ... + p_k, with p_j = softmax(a_j / temperature), a_1 = s + G and
 * a_(j+1) / temperature = a_j / temperature + log(1 - p_j).
 * Bias and variance: biased; bias falls and variance grows as the temperature falls. For k = 1 it is straight-through
 * Gumbel.
 *
 * @throws SymgradError `E_RANGE` if k is not an integer of at least 1 or the temperature not above 0.
 * @see Kool, van Hoof and Welling 2019, arXiv:1903.06059 (the sample); Xie and Ermon 2019, arXiv:1901.10517 (the
 *   relaxation).
 */
export function gumbelTopK(options: GumbelTopKOptions): SubsetEstimator {
  const name = "gumbel-top-k";
  const { k } = options;
  assertCount(name, "k", k);
  assertTemperature(name, options.temperature);
  const choose = (
    logits: tf.Tensor2D,
    { mask, key, temperature = options.temperature }: ChooseOptions = {},
  ): SubsetChoice => {
    assertLogits(name, logits, mask);
    assertTemperature(name, temperature);
    return tf.tidy(() => {
      const { perturbed, probs, some } = draw(logits, mask, key);
      const [chosen] = withoutGradient<[tf.Tensor2D]>(() => [
        tf.add(tf.addN(topRows(perturbed, k).rows), tf.mul(probs, 0)) as tf.Tensor2D, // NaN reaches the loss
      ]);
      const weights = withGradient(
        logits,
        () => {
          const scalar = temperatureTensor(temperature);
          const soft = relaxedDraws(perturbed, scalar, Math.min(k, logits.shape[1]));
          return { value: tf.add(chosen, tf.mul(scalar, 0)) as tf.Tensor2D, saved: [scalar, ...soft] };
        },
        (g, [scalar, ...soft]) => relaxedCotangent(g, soft, scalar as tf.Scalar),
      );
      return { weights, empty: tf.sub(1, tf.reshape(some, [-1])) as tf.Tensor1D };
    });
  };
  return { name, k, choose };
}

function relaxedDraws(scores: tf.Tensor2D, temperature: tf.Scalar, k: number): tf.Tensor2D[] {
  const drawn: tf.Tensor2D[] = [];
  let left = scores;
  for (let j = 0; j < k; j++) {
    const probs = softmaxOf(left, temperature);
    drawn.push(probs);
    left = tf.add(left, tf.mul(temperature, tf.log(tf.maximum(tf.sub(1, probs), smallest))));
  }
  return drawn;
}

/** From the last draw back: each takes part in the sum and lowers the scores of the next. */
function relaxedCotangent(g: tf.Tensor2D, soft: tf.Tensor[], temperature: tf.Scalar): tf.Tensor {
  let scores: tf.Tensor = tf.zerosLike(g); // cotangent of a_(j+1) / temperature
  for (const probs of [...soft].reverse()) {
    const left = tf.sub(1, probs);
    const lowered = tf.where(
      tf.greater(left, smallest),
      tf.div(scores, tf.maximum(left, smallest)),
      tf.zerosLike(left),
    );
    scores = tf.add(scores, softmaxCotangent(probs, tf.sub(g, lowered)));
  }
  return tf.div(scores, temperature);
}

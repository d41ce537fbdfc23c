import * as tf from "@tensorflow/tfjs";
import { Categorical } from "../distributions/categorical";
import type { CategoricalOptions } from "../internal/categoricalLogits";
import { categoricalLogits } from "../internal/categoricalLogits";
import { withoutGradient } from "../internal/withoutGradient";
import { assertAboveZero } from "./temperatureSchedule";

export interface EntropyTemperatureOptions {
  /** Where every choice is certain. Above 0. Default 0.5. */
  certain?: number;
  /** Where every choice is even. Above 0. Default 1. */
  even?: number;
}

/**
 * A temperature that follows how certain the choices are: certain + (even - certain) * h, with h the mean over the batch
 * of entropy / log(allowed classes), from 0 to 1. No step count, nothing to save: it depends on the logits alone.
 *
 * Rows with fewer than two allowed classes have no say; without any other, h is 0.
 *
 * @returns A traceable function of a batch's parameters, to a scalar without a gradient that the caller disposes.
 * @throws SymgradError `E_RANGE` for a temperature not above 0.
 * @example estimator.choose(logits, { key, temperature: entropyTemperature()({ logits }) });
 */
export function entropyTemperature(
  options: EntropyTemperatureOptions = {},
): (parameters: CategoricalOptions) => tf.Scalar {
  const { certain = 0.5, even = 1 } = options;
  assertAboveZero("entropyTemperature", "certain", certain);
  assertAboveZero("entropyTemperature", "even", even);
  return (parameters) =>
    tf.tidy(
      () =>
        withoutGradient<[tf.Scalar]>(() => {
          const entropy = new Categorical(parameters).entropy();
          const classes = tf.sum(categoricalLogits(parameters).allowed, -1);
          const counts = tf.cast(tf.greater(classes, 1), "float32");
          const share = tf.div(entropy, tf.log(tf.maximum(classes, 2)));
          const mean = tf.div(tf.sum(tf.mul(share, counts)), tf.maximum(tf.sum(counts), 1));
          return [tf.add(certain, tf.mul(mean, even - certain)) as tf.Scalar];
        })[0],
    );
}

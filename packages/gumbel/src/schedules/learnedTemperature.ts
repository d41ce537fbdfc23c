import { Module } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { assertAboveZero } from "./temperatureSchedule";

export interface LearnedTemperatureOptions {
  /** At the start. Above `minimum`. Default 1. */
  initial?: number;
  /** What is learned is added to it, so that the temperature never falls below. Above 0. Default 0.1. */
  minimum?: number;
}

/**
 * A temperature that is trained with the rest: minimum + exp(w), w a variable. Its gradient comes through a relaxed
 * sample, which lets training choose how certain the samples are.
 *
 * @throws SymgradError `E_RANGE` unless 0 < minimum < initial.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, section 2.1; Havrylov and Titov 2017, arXiv:1705.11192, who bound a
 *   learned temperature as well.
 * @example
 * const temperature = new LearnedTemperature();
 * // in the loss, with temperature.parameters() among what the optimizer trains:
 * new RelaxedOneHotCategorical({ logits, temperature: temperature.value() }).rsample(key);
 */
export class LearnedTemperature extends Module {
  /** w: the logarithm of what is above the minimum. */
  readonly logExcess: tf.Variable;
  readonly #minimum: number;

  constructor({ initial = 1, minimum = 0.1 }: LearnedTemperatureOptions = {}) {
    super();
    assertAboveZero("LearnedTemperature", "minimum", minimum);
    assertAboveZero("LearnedTemperature", "initial - minimum", initial - minimum);
    this.#minimum = minimum;
    this.logExcess = tf.variable(tf.scalar(Math.log(initial - minimum)));
  }

  /** The temperature now, differentiable with regard to the variable; traceable. The caller disposes it. */
  value(): tf.Scalar {
    return tf.tidy(() => tf.add(this.#minimum, tf.exp(this.logExcess)));
  }
}

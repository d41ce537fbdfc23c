import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { show } from "../internal/show";
import { canonicalValue } from "./canonicalValue";

/**
 * Log-probabilities of a batch, in nats: a tensor `[batch, support]`, differentiable and traceable; or, in double
 * precision and without gradients, one array `[support]` for each example.
 */
export type LogProbs = tf.Tensor2D | readonly Float64Array[];

/** A distribution over a small set of values, for each example of a batch. */
export interface Dist<T, L extends LogProbs = tf.Tensor2D> {
  readonly support: Support<T>;
  /** `[batch, support.size]`. The caller disposes a tensor. */
  readonly logProbs: L;
  /** The random variables that it was computed from. */
  readonly variables: ReadonlySet<symbol>;
}

/** What a distribution is over: values, each once, then reasons for which there is none. */
export class Support<T> {
  readonly values: readonly T[];
  readonly undefinedReasons: readonly string[];
  /** Identifies the support: equal for equal values and reasons in the same order. */
  readonly key: string;
  readonly #places: ReadonlyMap<string, number>;

  /** @throws SymgradError `E_USAGE` for a value twice, or one that is no plain data. */
  constructor(values: readonly T[], undefinedReasons: readonly string[] = []) {
    const keys = values.map(canonicalValue);
    this.values = values;
    this.undefinedReasons = undefinedReasons;
    this.key = supportKey(values, undefinedReasons);
    this.#places = new Map(keys.map((key, place) => [key, place]));
    if (this.#places.size !== values.length) {
      const twice = values.find((_, place) => keys.indexOf(keys[place]!) !== place);
      throw new SymgradError("E_USAGE", `a distribution has each value once, got ${show(twice)} twice.`);
    }
  }

  /** Places: values.length + undefinedReasons.length. */
  get size(): number {
    return this.values.length + this.undefinedReasons.length;
  }

  has(value: T): boolean {
    return this.#places.has(canonicalValue(value));
  }

  /** Where a value stands on the support axis. @throws SymgradError `E_RANGE` if it has no place. */
  indexOf(value: T): number {
    const place = this.#places.get(canonicalValue(value));
    if (place !== undefined) return place;
    throw new SymgradError("E_RANGE", `no place for ${show(value)} in this distribution's support.`, {
      hint: `its ${this.values.length} values are ${show(this.values)}; ask support.has(value) first`,
    });
  }
}

/** See {@link Support.key}. */
export function supportKey(values: readonly unknown[], undefinedReasons: readonly string[]): string {
  return JSON.stringify([values.map(canonicalValue), undefinedReasons]);
}

/** Whether log-probabilities are a tensor. */
export function isTensor(logProbs: LogProbs): logProbs is tf.Tensor2D {
  return logProbs instanceof tf.Tensor;
}

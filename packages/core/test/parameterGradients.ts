import { compareGradients, type GradientComparison } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { valueAndGradients } from "../src/optimizers/valueAndGradients";

/**
 * Compares, for one variable after the other, the gradient of `loss` with central differences. The variables end
 * with the values they had.
 */
export function compareParameterGradients(
  loss: () => tf.Tensor,
  parameters: ReadonlyMap<string, tf.Variable>,
  seed: number,
): Map<string, GradientComparison> {
  const comparisons = new Map<string, GradientComparison>();
  for (const [name, variable] of parameters) {
    const start = variable.dataSync<"float32">().slice();
    const at = (x: ArrayLike<number>): void =>
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from(x), variable.shape)));
    const comparison = compareGradients({
      x: start,
      seed,
      value: (x) => {
        at(x);
        return tf.tidy(() => loss().dataSync()[0]!);
      },
      gradient: (x) => {
        at(x);
        return tf.tidy(() => {
          const gradient = valueAndGradients(loss, new Map([[name, variable]])).gradients.get(name);
          return (gradient ?? tf.zerosLike(variable)).dataSync<"float32">().slice();
        });
      },
    });
    at(start);
    comparisons.set(name, comparison);
  }
  return comparisons;
}

/** A scalar that depends on every element of `y` with a weight of its own, of the size of one element. */
export function weigh(y: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const weights = Float32Array.from({ length: y.size }, (_, i) => Math.sin(1.3 * i + 0.7));
    return y.mul(tf.tensor(weights, y.shape)).sum().div(Math.sqrt(y.size));
  });
}

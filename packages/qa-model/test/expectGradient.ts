import { valueAndGradients } from "@symgrad/core";
import { compareGradients, gradientTolerance } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";

/** Holds the gradient of `loss`, by all parameters together, to central differences. The parameters end elsewhere. */
export function expectGradient(
  loss: () => tf.Scalar,
  parameters: ReadonlyMap<string, tf.Variable>,
  { seed, directions }: { seed: number; directions: number },
): void {
  const assign = (x: Float64Array) => {
    let at = 0;
    for (const variable of parameters.values()) {
      const values = Float32Array.from(x.subarray(at, at + variable.size));
      at += variable.size;
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
  };
  const { difference, size } = compareGradients({
    x: [...parameters.values()].flatMap((variable) => [...variable.dataSync()]),
    seed,
    directions,
    value: (at) => {
      assign(at);
      return tf.tidy(() => loss().dataSync()[0]!);
    },
    gradient: (at) => {
      assign(at);
      return tf.tidy(() => {
        const { gradients } = valueAndGradients(loss, parameters);
        return [...parameters].flatMap(([name, variable]) => [
          ...(gradients.get(name)?.dataSync() ?? new Float32Array(variable.size)),
        ]);
      });
    },
  });
  expect(size).toBeGreaterThan(1e-2);
  expect(difference).toBeLessThan(gradientTolerance(size));
}

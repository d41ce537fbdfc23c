import { floats, seeds } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { integratedGradients } from "./integratedGradients";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** tanh(x A) b, a function with curves in every direction, and its gradient at many points. */
function randomFunction(seed: number, size: number) {
  const [a, b] = [
    tf.randomNormal([size, 4], 0, 0.7, "float32", seed),
    tf.randomNormal([4, 1], 0, 1, "float32", seed + 1),
  ];
  const values = (points: tf.Tensor) =>
    tf.matMul(tf.tanh(tf.matMul(points as tf.Tensor2D, a as tf.Tensor2D)), b as tf.Tensor2D);
  return {
    value: (x: tf.Tensor) => tf.tidy(() => values(x.expandDims(0)).dataSync()[0]!),
    gradient: (points: tf.Tensor) => tf.tidy(() => tf.grad((at) => values(at).sum())(points)),
  };
}

test("completeness: the attributions sum to the difference from the baseline", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.nat(1000),
      seeds(),
      fc.integer({ min: 1, max: 7 }),
      async (size, seed, from, together) => {
        const { value, gradient } = randomFunction(seed, size);
        const [x, zero] = [
          tf.randomNormal([size], 0, 1, "float32", from),
          tf.randomNormal([size], 0, 1, "float32", from + 7),
        ];
        const attributions = await integratedGradients(gradient, x, zero, { steps: 100, together });
        const sum = attributions.sum().dataSync()[0];
        expect(sum).toBeCloseTo(value(x) - value(zero), 2);
      },
    ),
    { numRuns: 40, seed: 5 },
  );
});

test("a linear function: weight times the way, whatever the steps; nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 5 }).chain((size) => floats(size)),
      fc.integer({ min: 1, max: 9 }),
      async (weights, steps) => {
        const w = tf.tensor1d(weights);
        const [x, b] = [tf.linspace(1, 2, weights.length), tf.linspace(-1, 3, weights.length)];
        const gradient = (points: tf.Tensor) => tf.tidy(() => tf.zerosLike(points).add(w));
        const before = tf.memory().numTensors;
        const attributions = await integratedGradients(gradient, x, b, { steps, together: 4 });
        expect(tf.memory().numTensors).toBe(before + 1);
        const way = x.sub(b).dataSync();
        for (const [i, one] of attributions.dataSync().entries()) {
          expect(one).toBeCloseTo(weights[i]! * way[i]!, 3);
        }
      },
    ),
    { numRuns: 20, seed: 6 },
  );
});

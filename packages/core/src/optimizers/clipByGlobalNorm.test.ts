import { floats } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { clipByGlobalNorm } from "./clipByGlobalNorm";

beforeAll(() => tf.setBackend("cpu"));

function clip(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  maxNorm: number,
): { clipped: number[]; norm: number } {
  return tf.tidy(() => {
    const { gradients, norm } = clipByGlobalNorm(
      new Map<string, tf.Tensor>([
        ["a", tf.tensor1d(Float32Array.from(a))],
        ["b", tf.tensor1d(Float32Array.from(b))],
      ]),
      maxNorm,
    );
    expect([...gradients.keys()]).toEqual(["a", "b"]);
    return {
      clipped: [...gradients.values()].flatMap((gradient) => [...gradient.dataSync()]),
      norm: norm.dataSync()[0]!,
    };
  });
}

test("the direction stays, the norm is at most maxNorm, short gradients are untouched", () => {
  const maxNorm = fc.double({ min: 0.1, max: 5, noNaN: true });
  fc.assert(
    fc.property(floats(3), floats(2), maxNorm, (a, b, maxNorm) => {
      const given = [...a, ...b];
      const length = Math.hypot(...given);
      fc.pre(Math.abs(length - maxNorm) > 1e-4);
      const { clipped, norm } = clip(a, b, maxNorm);
      expect(Math.abs(norm - length)).toBeLessThan(1e-5 * length + 1e-6);
      if (length < maxNorm) {
        expect(clipped.map((value) => value + 0)).toEqual(given.map((value) => value + 0)); // -0 is 0
        return;
      }
      expect(Math.hypot(...clipped)).toBeLessThanOrEqual(maxNorm * (1 + 1e-6));
      for (const [i, value] of clipped.entries()) {
        expect(Math.abs(value - (given[i]! * maxNorm) / length)).toBeLessThan(2e-5 * maxNorm);
      }
    }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "a gradient of %f passes through and is not hidden",
  (bad) => {
    const { clipped, norm } = clip([1, bad], [2, 3], 1);
    expect(Number.isFinite(norm)).toBe(false);
    expect(clipped).toEqual([1, bad, 2, 3]);
  },
);

test("no gradients, and no tensor left behind", () => {
  const before = tf.memory().numTensors;
  const { norm, gradients } = clipByGlobalNorm(new Map(), 1);
  expect(norm.dataSync()[0]).toBe(0);
  expect(gradients.size).toBe(0);
  norm.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => clipByGlobalNorm(new Map(), 0)).toThrow(/E_RANGE/);
});

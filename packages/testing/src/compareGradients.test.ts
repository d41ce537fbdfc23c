import fc from "fast-check";
import { expect, test } from "vitest";
import { floats, seeds } from "./arbitraries";
import { compareGradients, gradientTolerance } from "./compareGradients";

// f(x) = softmax(x) . w, rounded to float32 at every step as a backend would.
const weights = [1, -2, 3, 0.5];
const round = (values: number[]): number[] => values.map(Math.fround);

function softmax(x: Float64Array): number[] {
  const exps = round([...round([...x])].map((value) => Math.exp(value)));
  const sum = exps.reduce((total, value) => Math.fround(total + value), 0);
  return round(exps.map((value) => value / sum));
}

const value = (x: Float64Array): number =>
  softmax(x).reduce((sum, probability, i) => Math.fround(sum + probability * weights[i]!), 0);

function gradient(x: Float64Array): number[] {
  const mean = value(x);
  return softmax(x).map((probability, i) => probability * (weights[i]! - mean));
}

type Gradient = (x: Float64Array) => ArrayLike<number>;

const points = fc.tuple(floats(4), seeds());

function passes(claimed: Gradient, x: Float32Array, seed: number): boolean | undefined {
  const { difference, size } = compareGradients({ value, gradient: claimed, x, seed });
  return size > 1e-2 ? difference < gradientTolerance(size) : undefined;
}

test("accepts the right gradient", () => {
  fc.assert(fc.property(points, ([x, seed]) => passes(gradient, x, seed) !== false));
});

test.each<[string, Gradient]>([
  ["5% too large", (x) => gradient(x).map((g) => 1.05 * g)],
  ["of the wrong sign", (x) => gradient(x).map((g) => -g)],
  ["zero", (x) => [...x].map(() => 0)],
  ["not a number", (x) => [...x].map(() => Number.NaN)],
])("rejects a gradient that is %s, at every point where the function is not flat", (_, wrong) => {
  fc.assert(fc.property(points, ([x, seed]) => passes(wrong, x, seed) !== true));
});

test("rejects a gradient with one element wrong", () => {
  const wrong: Gradient = (x) => gradient(x).map((g, i) => (i === 1 ? 0 : g));
  expect(passes(wrong, new Float32Array([0, 0.3, -0.2, 0.1]), 1)).toBe(false);
});

test("sees a gradient where the function is flat", () => {
  const { difference, size } = compareGradients({
    value: () => 1,
    gradient: () => [1, 1],
    x: [0, 0],
    seed: 3,
  });
  expect(difference).toBeGreaterThan(gradientTolerance(size));
});

test("refuses a gradient of another length", () => {
  expect(() => compareGradients({ value, gradient: () => [0], x: [1, 2], seed: 0 })).toThrow(RangeError);
});

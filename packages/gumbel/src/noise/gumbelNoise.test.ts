import { key } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { leaked } from "../../test/tensors";
import { gumbelNoise } from "./gumbelNoise";

test("gumbelNoise: the same key gives the same noise, another key other noise", () => {
  const draw = (seed: number) => Array.from(gumbelNoise(key(seed), [3, 5]).dataSync());
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("gumbelNoise: follows the law exp(-exp(-g)) (Kolmogorov-Smirnov, 100,000 draws)", () => {
  const count = 100_000;
  const sorted = Float64Array.from(gumbelNoise(key("law"), [count]).dataSync()).sort();
  let distance = 0;
  for (let i = 0; i < count; i++) {
    const law = Math.exp(-Math.exp(-sorted[i]!));
    distance = Math.max(distance, law - i / count, (i + 1) / count - law);
  }
  // P(sqrt(n) D > 1.95) = 0.001: Kolmogorov 1933, the limit law's quantile.
  expect(distance * Math.sqrt(count)).toBeLessThan(1.95);
});

test("gumbelNoise: the extreme midpoints give -3.60 and 36.74, in single precision too", () => {
  const noise = (u: number) => Math.fround(-Math.log(-Math.log(u)));
  expect(noise(0.5 / 2 ** 52)).toBeCloseTo(-3.6, 2);
  expect(noise((2 ** 52 - 0.5) / 2 ** 52)).toBeCloseTo(36.74, 2);
});

test("gumbelNoise: a million draws are finite and inside the documented range", () => {
  const data = Array.from(gumbelNoise(key(7), [1000, 1000]).dataSync());
  const { low, high } = data.reduce(
    ({ low, high }, g) => ({ low: Math.min(low, g), high: Math.max(high, g) }),
    { low: Infinity, high: -Infinity },
  );
  expect(low).toBeGreaterThan(-3.61);
  expect(high).toBeLessThan(36.75);
});

test("gumbelNoise: leaves only its result", () => {
  expect(leaked(() => [gumbelNoise(key(0), [2, 2])])).toBe(0);
  expect(tf.tidy(() => gumbelNoise(key(0), [])).shape).toEqual([]);
});

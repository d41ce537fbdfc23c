import { expect, test } from "vitest";
import { constantTemperature } from "./constantTemperature";
import { cosineTemperature } from "./cosineTemperature";
import { exponentialTemperature } from "./exponentialTemperature";
import { linearTemperature } from "./linearTemperature";

const range = { from: 2, to: 0.5, steps: 100 };

test.each([
  ["constant", constantTemperature(1), [1, 1, 1]],
  ["linear", linearTemperature(range), [2, 1.25, 0.5]],
  ["exponential", exponentialTemperature(range), [2, 1, 0.5]],
  ["cosine", cosineTemperature(range), [2, 1.25, 0.5]],
] as const)("%s temperature at the start, half way and the end", (_, schedule, expected) => {
  for (const [i, step] of [0, 50, 100].entries()) expect(schedule(step)).toBeCloseTo(expected[i]!, 12);
  expect(schedule(1e6)).toBe(schedule(100));
});

test.each([linearTemperature, exponentialTemperature, cosineTemperature])(
  "%o never rises on its way down",
  (create) => {
    const values = Array.from({ length: 101 }, (_, step) => create(range)(step));
    for (let i = 1; i < values.length; i++) expect(values[i]!).toBeLessThan(values[i - 1]!);
  },
);

test("schedules refuse temperatures not above 0 and less than one step", () => {
  const refused = expect.objectContaining({ code: "E_RANGE" });
  expect(() => constantTemperature(0)).toThrow(refused);
  expect(() => linearTemperature({ ...range, to: 0 })).toThrow(refused);
  expect(() => exponentialTemperature({ ...range, from: Number.NaN })).toThrow(refused);
  expect(() => cosineTemperature({ ...range, steps: 0.5 })).toThrow(refused);
});

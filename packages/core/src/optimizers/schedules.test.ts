import fc from "fast-check";
import { expect, test } from "vitest";
import { constantSchedule, cosineSchedule, linearSchedule } from "./schedules";

test.each([
  ["linear", linearSchedule({ peak: 2, warmup: 4, total: 12 }), [0.5, 1, 1.5, 2, 2, 1.75, 1.5]],
  [
    "cosine",
    cosineSchedule({ peak: 2, warmup: 2, total: 6 }),
    [1, 2, 2, 1 + Math.SQRT1_2, 1, 1 - Math.SQRT1_2, 0],
  ],
  ["constant", constantSchedule(0.3), [0.3, 0.3, 0.3]],
] as const)("%s", (_, schedule, expected) => {
  for (const [step, rate] of expected.entries()) expect(schedule(step)).toBeCloseTo(rate, 12);
});

test("a schedule rises to its peak, falls to zero and never leaves [0, peak]", () => {
  const shapes = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 200 }));
  fc.assert(
    fc.property(shapes, fc.constantFrom(linearSchedule, cosineSchedule), ([warmup, more], make) => {
      const total = warmup + more;
      const schedule = make({ peak: 3, warmup, total });
      const rates = Array.from({ length: total + 3 }, (_, step) => schedule(step));
      expect(schedule(warmup)).toBe(3);
      for (const [step, rate] of rates.entries()) {
        expect(rate).toBeGreaterThanOrEqual(0);
        if (step > 0 && step < warmup) expect(rate).toBeGreaterThan(rates[step - 1]!);
        if (step > warmup) expect(rate).toBeLessThanOrEqual(rates[step - 1]!);
        if (step >= total) expect(rate).toBeCloseTo(0, 12);
        else expect(rate).toBeGreaterThan(0);
      }
    }),
  );
});

test("warm-up must end before the end", () => {
  expect(() => linearSchedule({ peak: 1, warmup: 10, total: 10 })).toThrow(/E_RANGE/);
  expect(() => cosineSchedule({ peak: 1, warmup: -1, total: 10 })).toThrow(/E_RANGE/);
});

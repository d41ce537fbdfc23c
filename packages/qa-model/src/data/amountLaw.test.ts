import { key } from "@symgrad/core";
import { expect, test } from "vitest";
import { type AmountLaw, createAmountLaw, DistinctAmounts } from "./amountLaw";
import { DrawStream } from "./drawStream";

// Two classes as unequal as one-digit and two-digit numbers, but few enough to list every outcome.
const law: AmountLaw = {
  minimum: 1,
  maximum: 14,
  classes: [
    { minimum: 1, size: 3 },
    { minimum: 10, size: 5 },
  ],
};
const probability = (amount: number) => 1 / (2 * (amount < 10 ? 3 : 5));
const amounts = [1, 2, 3, 10, 11, 12, 13, 14];

/** All ways to draw `count` different amounts one after the other, each with the chance of exactly that. */
function listOutcomes(count: number, taken: readonly number[]): Map<string, number> {
  const outcomes = new Map<string, number>();
  const walk = (drawn: number[], chance: number) => {
    if (drawn.length === count) outcomes.set(drawn.join(), chance);
    else {
      for (const amount of amounts) {
        if (![...taken, ...drawn].includes(amount)) walk([...drawn, amount], chance * probability(amount));
      }
    }
  };
  walk([], 1);
  return outcomes;
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

test.each([
  [0, [], 9],
  [3, [], 1],
  [3, [1, 2], 2],
  [4, [1, 11], 3],
  [6, [12, 1], 4], // every amount is used
] as const)(
  "%i amounts beside %j follow the law of independent draws that all differ",
  (count, taken, seed) => {
    const outcomes = listOutcomes(count, taken);
    const total = sum(outcomes.values());
    const distinct = new DistinctAmounts(law, count);

    // The weight is that chance, up to a factor that does not depend on what is taken.
    const scale = total / distinct.weight(taken);
    expect(sum(listOutcomes(count, [13, 14]).values()) / distinct.weight([13, 14])).toBeCloseTo(scale, 9);
    expect(distinct.greatestWeight(2)).toBe(distinct.weight([13, 14]));
    expect(distinct.greatestWeight(2)).toBeGreaterThanOrEqual(distinct.weight([1, 14]));

    const draws = 20_000;
    const seen = new Map<string, number>();
    const stream = new DrawStream(key(seed));
    for (let n = 0; n < draws; n++) {
      const drawn = distinct.draw(new Set(taken), stream).join();
      seen.set(drawn, (seen.get(drawn) ?? 0) + 1);
    }
    expect([...seen.keys()].filter((outcome) => !outcomes.has(outcome))).toEqual([]);
    let chiSquare = 0;
    for (const [outcome, chance] of outcomes) {
      const expected = (draws * chance) / total;
      chiSquare += ((seen.get(outcome) ?? 0) - expected) ** 2 / expected;
    }
    // Mean n, standard deviation sqrt(2 n): exceeded by chance in about one seed of ten thousand.
    const freedom = outcomes.size - 1;
    expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom) + 1e-9);
  },
);

test("amounts of exactly seven digits and of up to six", () => {
  expect(createAmountLaw(7, 7)).toEqual({
    minimum: 1_000_000,
    maximum: 9_999_999,
    classes: [{ minimum: 1_000_000, size: 9_000_000 }],
  });
  const six = createAmountLaw(1, 6);
  expect([six.minimum, six.maximum, six.classes.length]).toEqual([1, 999_999, 6]);
  expect(six.classes[2]).toEqual({ minimum: 100, size: 900 });
});

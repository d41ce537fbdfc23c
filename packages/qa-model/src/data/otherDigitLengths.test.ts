import { expect, test } from "vitest";
import { generateSynthetic } from "./generateSynthetic";
import { otherDigitLengths } from "./otherDigitLengths";

test.each([
  [{ type: "max", transfer: true, people: 4, digits: 3 }, [2, 3, 4, 5]],
  [{ type: "mix", transfer: true, people: 5, maxDigits: 6, wording: "shared" }, [5, 6, 7, 8]],
  [{ type: "argmax", transfer: false, people: 3, digits: 2, bias: 0.9 }, [2, 3, 4]],
  [{ type: "difference", transfer: true, people: 3, digits: 15 }, [14, 15]],
] as const)("%j is told again with other lengths", (options, lengths) => {
  const examples = [...generateSynthetic({ ...options, count: 20, seed: 3 })];
  const others = otherDigitLengths(examples, 5);
  expect(others.map(({ digits }) => digits)).toEqual(lengths);
  for (const { digits, examples: made } of others) {
    expect(made).toHaveLength(5);
    for (const example of made) {
      expect(example.numbers.every((number) => `${number}`.length === digits)).toBe(true);
      expect(example.people).toHaveLength(options.people);
      expect(example.setting).toBe(examples[0]!.setting.replace(/-le\d+/, ""));
    }
  }
});

test("what is no synthetic task, or several, is not told again", () => {
  const story = { transfer: false, people: 3, digits: 2, count: 2, seed: 1 };
  const mixed = [
    ...generateSynthetic({ ...story, type: "max" }),
    ...generateSynthetic({ ...story, type: "argmax" }),
  ];
  expect(otherDigitLengths(mixed, 5)).toEqual([]);
  expect(otherDigitLengths([{ setting: "mine", numbers: [1, 2] }], 5)).toEqual([]);
  expect(otherDigitLengths([], 5)).toEqual([]);
});

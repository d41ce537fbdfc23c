import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../test/failure";
import { decimal } from "../arguments/decimal";
import type { OkResult } from "../result";
import { comparator, createComparator } from "./comparator";

const compare = (numbers: unknown[], fn = comparator) =>
  fn.run(
    Object.fromEntries(numbers.map((number, i) => ["abcdefgh"[i]!, decimal.parse(number)!])),
  ) as OkResult;

test.each([
  [[72, 23], "72 > 23, min = 23, max = 72, sort = 23 < 72, argmax = 1"],
  [[-0.5, "1,000"], "-0.5 < 1000, min = -0.5, max = 1000, sort = -0.5 < 1000, argmax = 2"],
  [[5, "5.0"], "5 = 5, min = 5, max = 5, sort = 5 = 5, argmax = 1"],
])("F(%j)", (numbers, text) => {
  expect(compare(numbers).text).toBe(text);
});

test("the values are the smallest and the largest", () => {
  expect(compare([72, 23]).values).toEqual(["23", "72"]);
});

test("any count agrees with sorting numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 8 }), (numbers) => {
      const fn = createComparator({ operations: ["sort", "argmax"], count: numbers.length });
      const sorted = [...numbers].sort((a, b) => a - b);
      const chain = sorted
        .map((n, i) => (i === 0 ? `${n}` : `${n === sorted[i - 1] ? "=" : "<"} ${n}`))
        .join(" ");
      const place = numbers.indexOf(Math.max(...numbers)) + 1;
      expect(compare(numbers, fn)).toEqual({
        kind: "ok",
        text: `sort = ${chain}, argmax = ${place}`,
        values: [String(sorted[0]), String(sorted.at(-1))],
      });
    }),
  );
});

test("other options are another function; wrong ones are refused", () => {
  expect(createComparator({ operations: ["min", "max"], count: 3 }).name).toBe(
    "symgrad.comparator.min-max.of3.v1",
  );
  expect(comparator.name).toBe("symgrad.comparator.v1");
  for (const wrong of [
    { operations: [] },
    { operations: ["mean"] },
    { operations: ["min", "min"] },
    { count: 1 },
  ]) {
    expect(() => createComparator(wrong as never)).toThrow(failure("E_USAGE", "createComparator"));
  }
});

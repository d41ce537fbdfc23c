import fc from "fast-check";
import { expect, test } from "vitest";
import { findDates } from "./findDates";
import { findNumbers } from "./findNumbers";
import { findQuantities } from "./findQuantities";

/** "5000000 dollar" for each quantity. */
const told = (text: string) =>
  findQuantities(text).map(({ value, kind, unit }) =>
    [value, ...(kind === "ordinal" ? ["ordinal"] : []), ...(unit ? [unit] : [])].join(" "),
  );

test.each([
  ["five million people", ["5000000"]],
  ["5.2 million and 1,200 thousand", ["5200000", "1200000"]],
  ["$5 million, € 3.50, 7 dollars", ["5000000 dollar", "3.5 euro", "7 dollar"]],
  ["one hundred and five, two thousand and one", ["105", "2001"]],
  ["twenty-one men and thirty two women", ["21", "32"]],
  ["three hundred forty-two thousand six hundred and seven", ["342607"]],
  ["a hundred, a dozen eggs, two dozen", ["100", "12", "24"]],
  ["five six and seven", ["5", "6", "7"]],
  ["eighteen hundred", ["1800"]],
  [
    "the first, the 21st, the twenty-first and the 3rd",
    ["1 ordinal", "21 ordinal", "21 ordinal", "3 ordinal"],
  ],
  ["one third, two-thirds and one half", []],
  [
    "21.8% of 5 percent, -3 per cent, five percentage points",
    ["21.8 percent", "5 percent", "-3 percent", "5 percent"],
  ],
  [
    "a 23-yard pass, 3.5km, 80 kg, 6 feet, ten minutes",
    ["23 yard", "3.5 kilometer", "80 kilogram", "6 foot", "10 minute"],
  ],
  ["0.5 thousand, -2.25 million", ["500", "-2250000"]],
  ["zero and nil", ["0"]],
  ["someone often wonders; ninetieth", ["90 ordinal"]],
  ["10th B2 1.2.3 x²", ["10 ordinal"]],
  ["", []],
])("quantities of %j", (text, expected) => {
  expect(told(text)).toEqual(expected);
});

test("offsets lead back to the number, its magnitude included, its unit not", () => {
  const text = "Of $5.2 million, Twenty-One percent went to two yards and 3.5km";
  expect(findQuantities(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    "5.2 million",
    "Twenty-One",
    "two",
    "3.5",
  ]);
});

// An independent speller: what it writes must be read back.
const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
function spell(value: number, and: boolean): string {
  if (value < 20) return SMALL[value]!;
  if (value < 100) return TENS[Math.floor(value / 10) - 2]! + (value % 10 ? `-${SMALL[value % 10]}` : "");
  for (const [size, name] of [
    [1e12, "trillion"],
    [1e9, "billion"],
    [1e6, "million"],
    [1e3, "thousand"],
    [100, "hundred"],
  ] as const) {
    if (value < size) continue;
    const rest = value % size;
    const join = rest > 0 && rest < 100 && and ? " and " : " ";
    return `${spell(Math.floor(value / size), and)} ${name}${rest > 0 ? `${join}${spell(rest, and)}` : ""}`;
  }
  return "";
}

test("any number below 10^15, spelled out, is read back, alone and within a text", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 14 }),
      fc.nat({ max: 2 ** 31 - 1 }),
      fc.boolean(),
      (size, seed, and) => {
        const value = Math.floor((seed / 2 ** 31) * 10 ** (size + 1));
        const found = findQuantities(`It has ${spell(value, and)} things.`);
        expect(found.map((one) => one.value)).toEqual([String(value)]);
      },
    ),
    { numRuns: 500 },
  );
});

test("every plain number is found as before, in order and without overlaps", () => {
  const piece = fc.constantFrom(
    "5",
    "-3.5",
    "1,024",
    "million",
    "five",
    "and",
    "10th",
    "%",
    "yards",
    "$",
    "a",
    "x",
    "third",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join(" ");
      const found = findQuantities(text);
      for (const [i, { start, end }] of found.entries()) {
        expect(end).toBeGreaterThan(start);
        if (i > 0) expect(start).toBeGreaterThanOrEqual(found[i - 1]!.end);
      }
      for (const { start } of findNumbers(text)) expect(found.some((one) => one.start === start)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["born 5 March 1990, died 1991-12-31", ["1990-03-05", "1991-12-31"]],
  ["March 5th, 1990 and Mar. 1990", ["1990-03-05", "1990-03"]],
  ["the 3rd of May 987", ["0987-05-03"]],
  ["29 February 2000, 29 February 1900, 31 April 2001", ["2000-02-29"]],
  ["in 1990, 1990-1995, May 2020s", []],
  ["12 September 2001; Sept 2001", ["2001-09-12", "2001-09"]],
])("dates of %j", (text, expected) => {
  expect(findDates(text).map(({ value }) => value)).toEqual(expected);
  for (const { start, end } of findDates(text)) expect(text.slice(start, end)).toMatch(/^\S.*\d$/);
});

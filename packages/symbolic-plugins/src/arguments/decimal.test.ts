import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal } from "./decimal";

test.each([
  [72, "72"],
  ["72", "72"],
  [" -0.50 ", "-0.5"],
  ["5,903,204", "5903204"],
  ["-5,903,204.25", "-5903204.25"],
  ["+3", "3"],
  [".5", "0.5"],
  ["5.", "5"],
  ["0012", "12"],
  [0.1, "0.1"],
  [-0, "0"],
  ["-0.00", "0"],
  ["1e3", "1000"],
  [1e21, "1000000000000000000000"],
  [1e-7, "0.0000001"],
  [12345678901234567890n, "12345678901234567890"],
  [new Decimal("1.5e30"), "1500000000000000000000000000000"],
])("decimal reads %s as %s", (value, expected) => {
  const parsed = decimal.parse(value)!;
  expect(decimal.canonical(parsed)).toBe(expected);
  expect(String(parsed)).toBe(expected); // no exponent in template literals either
});

test.each([
  "",
  "abc",
  "1,2,3",
  "12,34",
  "5,903,20",
  "0x10",
  "Infinity",
  "--1",
  "1e",
  "1 2",
  "١٢",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Decimal(Number.NaN),
  null,
  undefined,
  true,
  {},
  [1],
  "1e1000",
  "1e-1001",
  "9".repeat(1001),
  `0.${"1".repeat(1001)}`,
  "1e99999",
])("decimal refuses %s", (value) => {
  expect(decimal.parse(value)).toBeUndefined();
});

test("sums, differences and products of accepted numbers are exact at any length", () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,120}$/);
  fc.assert(
    fc.property(digits, digits, fc.nat(40), fc.nat(40), (x, y, shiftX, shiftY) => {
      const [a, b] = [decimal.parse(`${x}e-${shiftX}`)!, decimal.parse(`${y}e-${shiftY}`)!];
      // As integers in units of 10^-80.
      const scaled = (value: Decimal) => BigInt(value.times(new Decimal("1e80")).toFixed());
      const [ia, ib] = [BigInt(x) * 10n ** BigInt(80 - shiftX), BigInt(y) * 10n ** BigInt(80 - shiftY)];
      expect(scaled(a.plus(b))).toBe(ia + ib);
      expect(scaled(a.minus(b))).toBe(ia - ib);
      expect(a.times(b).times(new Decimal("1e160")).toFixed()).toBe(String(ia * ib));
    }),
  );
});

test("the longest accepted numbers stay exact, and a division of them ends", () => {
  const big = decimal.parse("9".repeat(1000))!;
  const small = decimal.parse(`0.${"0".repeat(999)}1`)!;
  expect(big.plus(small).toFixed()).toBe(`${"9".repeat(1000)}.${"0".repeat(999)}1`);
  expect(big.plus(small).minus(big).eq(small)).toBe(true);
  expect(big.times(big).toFixed()).toBe(String((10n ** 1000n - 1n) ** 2n));
  expect(decimal.parse(1)!.div(3).toFixed(5)).toBe("0.33333");
});

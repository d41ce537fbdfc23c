import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../test/failure";
import { decimal } from "../arguments/decimal";
import type { OkResult } from "../result";
import { calculator, createCalculator } from "./calculator";

function calculate(a: unknown, b: unknown): OkResult {
  return calculator.run({ a: decimal.parse(a)!, b: decimal.parse(b)! }) as OkResult;
}

test("F(72, 23)", () => {
  expect(calculate(72, 23)).toEqual({
    kind: "ok",
    text: "95 = 72 + 23, 49 = 72 - 23, -49 = 23 - 72",
    values: ["95", "49", "-49"],
  });
});

test.each([
  [0.1, 0.2, "0.3 = 0.1 + 0.2, -0.1 = 0.1 - 0.2, 0.1 = 0.2 - 0.1"],
  [5, 5, "10 = 5 + 5, 0 = 5 - 5, 0 = 5 - 5"],
  [
    "1e21",
    1,
    "1000000000000000000001 = 1000000000000000000000 + 1, 999999999999999999999 = 1000000000000000000000 - 1, -999999999999999999999 = 1 - 1000000000000000000000",
  ],
  ["1e-9", 1, "1.000000001 = 0.000000001 + 1, -0.999999999 = 0.000000001 - 1, 0.999999999 = 1 - 0.000000001"],
  [
    "9,816,091",
    "6,224,450",
    "16040541 = 9816091 + 6224450, 3591641 = 9816091 - 6224450, -3591641 = 6224450 - 9816091",
  ],
  [-5, 3, "-2 = -5 + 3, -8 = -5 - 3, 8 = 3 - -5"],
] as const)("F(%s, %s)", (a, b, text) => {
  expect(calculate(a, b).text).toBe(text);
});

test("integers of any size agree with BigInt; texts hold digits, signs and spaces only", () => {
  const integer = fc.bigInt({ min: -(10n ** 90n), max: 10n ** 90n });
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      const { text, values } = calculate(a, b);
      expect(values).toEqual([a + b, a - b, b - a].map(String));
      expect(text).toBe(`${a + b} = ${a} + ${b}, ${a - b} = ${a} - ${b}, ${b - a} = ${b} - ${a}`);
      expect(text).toMatch(/^[-+=, 0-9]*$/);
    }),
  );
});

test("products and quotients, by option", () => {
  const all = createCalculator({ operations: ["add", "subtract", "multiply", "divide"] });
  const run = (a: unknown, b: unknown, fn = all) => fn.run({ a: decimal.parse(a)!, b: decimal.parse(b)! });
  expect(all.name).toBe("symgrad.calculator.add-subtract-multiply-divide.equation.v1");
  expect(run(3, 4)).toMatchObject({
    text: "7 = 3 + 4, -1 = 3 - 4, 1 = 4 - 3, 12 = 3 x 4, 0.75 = 3 / 4",
    values: ["7", "-1", "1", "12", "0.75"],
  });
  expect(run(0.1, 0)).toMatchObject({
    text: "0.1 = 0.1 + 0, 0.1 = 0.1 - 0, -0.1 = 0 - 0.1, 0 = 0.1 x 0, 0 = 0 / 0.1",
  });
  const divide = createCalculator({ operations: ["divide"], form: "result" });
  expect(run(-1, 8, divide)).toMatchObject({ text: "-0.125, -8" });
  expect(run("1e-20", "1e20", divide)).toMatchObject({
    values: [`0.${"0".repeat(39)}1`, `1${"0".repeat(40)}`],
  });
  expect(run(0, 0, divide)).toEqual({ kind: "undefined", reason: "division by zero" });
  expect(run(7, 3, divide)).toEqual({ kind: "undefined", reason: "quotient without end" });
});

test("quotients times the divisor give the dividend back", () => {
  const divide = createCalculator({ operations: ["divide"], form: "result" });
  const number = fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((n) => n !== 0);
  fc.assert(
    fc.property(number, fc.constantFrom(1, 2, 5, 8, 125, -64), fc.nat(6), (n, divisor, shift) => {
      const [a, b] = [decimal.parse(n)!, decimal.parse(`${divisor}e-${shift}`)!];
      const { values } = divide.run({ a, b }) as OkResult;
      expect(decimal.parse(values[0])!.times(b).equals(a)).toBe(true);
    }),
  );
});

test("calculator options that are none are refused", () => {
  for (const wrong of [
    { operations: [] },
    { operations: ["power"] },
    { operations: ["add", "add"] },
    { form: "short" },
  ]) {
    expect(() => createCalculator(wrong as never)).toThrow(failure("E_USAGE", "createCalculator"));
  }
});

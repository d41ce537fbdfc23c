import fc from "fast-check";
import { expect, test } from "vitest";
import { decimal } from "../arguments/decimal";
import type { OkResult } from "../result";
import { calculator } from "./calculator";

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

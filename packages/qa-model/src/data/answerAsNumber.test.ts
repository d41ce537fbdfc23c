import fc from "fast-check";
import { expect, test } from "vitest";
import { answerAsNumber, isSameNumber } from "./answerAsNumber";

test.each([
  ["3,591,641", "3591641"],
  ["-0.50", "-0.5"],
  ["007", "7"],
  [" 12 ", "12"],
  ["12 grapes", undefined],
  ["five", undefined],
  ["1,2", undefined],
  ["", undefined],
  ["1e5", undefined],
])("%j as a number is %s", (text, value) => {
  expect(answerAsNumber(text)).toBe(value);
});

test("the same number is the same however it is written, and exact beyond 2^53", () => {
  expect(isSameNumber("9007199254740993", "9007199254740992")).toBe(false);
  expect(isSameNumber("9,007,199,254,740,993.0", "9007199254740993")).toBe(true);
  expect(isSameNumber("x", "x")).toBe(false);
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      expect(isSameNumber(`${a}`, `${a}.00`)).toBe(true);
      expect(isSameNumber(`${a}`, `${b}`)).toBe(a === b);
    }),
  );
});

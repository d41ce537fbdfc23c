import { expect, test } from "vitest";
import { relativeError } from "./relativeError";

test.each([
  [[1, 2, 4], [1, 2, 4], 0],
  [[1, 2, 5], [1, 2, 4], 0.25],
  [[0, 0], [0, 0], 0],
  [[1e-9, 0], [0, 0], Number.POSITIVE_INFINITY],
  [[Number.NaN, 1], [0, 1], Number.POSITIVE_INFINITY],
  [[Number.NaN], [Number.NaN], Number.POSITIVE_INFINITY],
  [[Number.POSITIVE_INFINITY], [Number.NaN], Number.POSITIVE_INFINITY],
  [[Number.POSITIVE_INFINITY, 3], [Number.POSITIVE_INFINITY, 2], 0.5],
])("relativeError(%j, %j) is %f", (actual, expected, error) => {
  expect(relativeError(actual, expected)).toBe(error);
});

test("lengths must agree", () => {
  expect(() => relativeError([1], [1, 2])).toThrow(RangeError);
});

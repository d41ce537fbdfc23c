import { expect, test } from "vitest";
import { threefry } from "./threefry";

// Random123 1.14.0, tests/kat_vectors, the lines `threefry2x32 20`: counter, key, expected.
test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x243f6a88, 0x85a308d3],
    [0x13198a2e, 0x03707344],
    [0xc4923a9c, 0x483df7a0],
  ],
] as const)("threefry2x32-20 of counter %j under key %j", (counter, key, expected) => {
  expect(threefry(key, counter)).toEqual(expected);
});

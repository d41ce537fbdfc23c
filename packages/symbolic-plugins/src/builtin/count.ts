import { decimal } from "../arguments/decimal";
import { fromExample } from "../arguments/fromExample";
import { listOf } from "../arguments/listOf";
import { oneOf } from "../arguments/oneOf";
import { wholeField } from "../arguments/wholeField";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { ok } from "../result";

/**
 * How many of the example's numbers are below, equal to or above one of them:
 * F([12, 5, 30, 12], ">", 5) = "3". The count is also its value. Equal numbers at different places count each.
 *
 * Nothing is undefined; lists that hold anything but finite decimals are refused before.
 */
export const count = defineFunction({
  name: "symgrad.count.v1",
  args: {
    numbers: wholeField("numbers", listOf(decimal)),
    relation: oneOf(["<", "=", ">"]),
    than: fromExample("numbers"),
  },
  run({ numbers, relation, than }) {
    const sign = { "<": -1, "=": 0, ">": 1 }[relation];
    const found = String(numbers.filter((number) => number.comparedTo(than) === sign).length);
    return ok(found, { values: [found] });
  },
  output: tokens({ symbols: [] }),
  maxLength: 8,
  examples: [{ numbers: [12, 5, 30, 12] }],
});

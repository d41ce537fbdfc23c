import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { ok } from "../result";

/**
 * All sums and differences of two numbers of the example, in exact decimals, without thousands commas or exponents:
 * F(72, 23) = "95 = 72 + 23, 49 = 72 - 23, -49 = 23 - 72". The computed results alone are its `values`. Pairs whose
 * text is longer than 128 tokens (about 13 digits each) are undefined.
 */
export const calculator = defineFunction({
  name: "symgrad.calculator.v1",
  args: { a: fromExample("numbers"), b: fromExample("numbers") },
  where: distinct,
  symmetric: ["a", "b"],
  run({ a, b }) {
    const sum = a.plus(b).toFixed();
    const difference = a.minus(b).toFixed();
    const reverse = b.minus(a).toFixed();
    const [x, y] = [a.toFixed(), b.toFixed()];
    return ok(`${sum} = ${x} + ${y}, ${difference} = ${x} - ${y}, ${reverse} = ${y} - ${x}`, {
      values: [sum, difference, reverse],
    });
  },
  output: tokens({ digits: "split", symbols: ["+", "-", "=", ",", "."] }),
  maxLength: 128,
  overflow: "undefined",
  pure: true,
});

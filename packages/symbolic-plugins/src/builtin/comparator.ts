import { SymgradError } from "@symgrad/core";
import type { Decimal } from "decimal.js";
import type { ArgumentSpace } from "../arguments/argumentSpace";
import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { defineFunction, type SymbolicFunction } from "../define";
import { show } from "../internal/show";
import { tokens } from "../output";
import { ok } from "../result";

/** What a comparator may tell. */
export type ComparatorOperation = "compare" | "min" | "max" | "sort" | "argmax";

export interface ComparatorOptions {
  /** In the order of the text. Default all of them, in the order above. */
  operations?: readonly ComparatorOperation[];
  /** How many numbers are compared, 2 to 8. Default 2. */
  count?: number;
}

const everything = ["compare", "min", "max", "sort", "argmax"] as const;

/** What each operation writes beside numbers. */
const symbols: Record<ComparatorOperation, readonly string[]> = {
  compare: ["<", "=", ">"],
  min: ["min", "="],
  max: ["max", "="],
  sort: ["sort", "=", "<"],
  argmax: ["argmax", "="],
};

/**
 * A comparator of numbers of the example, in exact decimals. With two numbers:
 * F(72, 23) = "72 > 23, min = 23, max = 72, sort = 23 < 72, argmax = 1".
 *
 * - `compare`: each number against the next one, `<`, `=` or `>`;
 * - `min`, `max`: the smallest, the largest, which are also the `values`;
 * - `sort`: in ascending order, `=` between equal ones;
 * - `argmax`: the place of the largest among the arguments, from 1, the first one of equals.
 *
 * It is called `symgrad.comparator.v1` with the default options, and otherwise by what it does, such as
 * `symgrad.comparator.min-max.of3.v1`. Nothing is undefined but a text longer than 128 tokens; arguments that are no
 * finite decimals are refused before.
 *
 * @throws SymgradError `E_USAGE` for an unknown operation or one twice, or a count that is not from 2 to 8.
 */
export function createComparator(options: ComparatorOptions = {}): SymbolicFunction {
  const { operations = everything, count = 2 } = options;
  const known = operations.length > 0 && operations.every((operation) => everything.includes(operation));
  if (!known || new Set(operations).size < operations.length || ![2, 3, 4, 5, 6, 7, 8].includes(count)) {
    throw new SymgradError(
      "E_USAGE",
      `createComparator: \`operations\` must be different ones of ${everything.join(", ")}, \`count\` from 2 to 8, got ${show(options)}.`,
    );
  }
  const variant = `${operations.join("-")}.of${count}`;
  const names = "abcdefgh".slice(0, count).split("");
  const args: Record<string, ArgumentSpace<Decimal>> = Object.fromEntries(
    names.map((name) => [name, fromExample("numbers")]),
  );
  return defineFunction({
    name:
      variant === `${everything.join("-")}.of2`
        ? "symgrad.comparator.v1"
        : `symgrad.comparator.${variant}.v1`,
    args,
    where: distinct,
    symmetric: names,
    run: (values) =>
      tell(
        names.map((name) => values[name]!),
        operations,
      ),
    output: tokens({
      symbols: [...new Set(["-", ".", ",", ...operations.flatMap((operation) => symbols[operation])])],
    }),
    maxLength: 128,
    overflow: "undefined",
    examples: [{ numbers: [72, 23, 23, -5, 0.1, "5,903,204", 0, 8] }],
  });
}

function tell(numbers: readonly Decimal[], operations: readonly ComparatorOperation[]) {
  const sorted = [...numbers].sort((x, y) => x.comparedTo(y));
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const texts: Record<ComparatorOperation, () => string> = {
    compare: () => chain(numbers),
    min: () => `min = ${min.toFixed()}`,
    max: () => `max = ${max.toFixed()}`,
    sort: () => `sort = ${chain(sorted)}`,
    argmax: () => `argmax = ${numbers.findIndex((number) => number.equals(max)) + 1}`,
  };
  return ok(operations.map((operation) => texts[operation]()).join(", "), {
    values: [min.toFixed(), max.toFixed()],
  });
}

/** `1 < 3 = 3 > 2`. */
function chain(numbers: readonly Decimal[]): string {
  return numbers
    .map((number, i) => {
      const sign = i === 0 ? "" : [" > ", " = ", " < "][number.comparedTo(numbers[i - 1]!) + 1]!;
      return `${sign}${number.toFixed()}`;
    })
    .join("");
}

/** See {@link createComparator}: F(72, 23) = "72 > 23, min = 23, max = 72, sort = 23 < 72, argmax = 1". */
export const comparator = createComparator();

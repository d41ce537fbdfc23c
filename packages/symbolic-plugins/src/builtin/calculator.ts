import { SymgradError } from "@symgrad/core";
import type { Decimal } from "decimal.js";
import type { ArgumentSpace } from "../arguments/argumentSpace";
import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { defineFunction, type SymbolicFunction } from "../define";
import { quotient } from "../internal/quotient";
import { show } from "../internal/show";
import { tokens } from "../output";
import { ok, undefinedResult } from "../result";

/** What a calculator may compute of a pair of numbers. */
export type CalculatorOperation = "add" | "subtract" | "multiply" | "divide";

/** "equation": `95 = 72 + 23`; "result": `95`. */
export type CalculatorForm = "equation" | "result";

export interface CalculatorOptions {
  /** In the order of the text; a subtraction and a division are done both ways. Default add and subtract. */
  operations?: readonly CalculatorOperation[];
  /** Default "equation". */
  form?: CalculatorForm;
}

/** The arguments of a calculator: two numbers of the example. */
export interface CalculatorArguments extends Readonly<Record<string, ArgumentSpace<unknown>>> {
  readonly a: ArgumentSpace<Decimal>;
  readonly b: ArgumentSpace<Decimal>;
}

const signs = { add: "+", subtract: "-", multiply: "x", divide: "/" } as const;

/** The most digits after the point of a quotient. */
const mostPlaces = 40;

/**
 * A calculator of two numbers of the example, in exact decimals, without thousands commas or exponents. All of its
 * equations are one text, separated by commas; the computed results alone are its `values`. It is called
 * `symgrad.calculator.v1` with the default options, and otherwise by what it does, such as
 * `symgrad.calculator.add-multiply.equation.v1`.
 *
 * Undefined: an equation that would divide by zero, or whose quotient has more than 40 digits behind the point (1 / 3),
 * is left out; where none is left, so is the pair ("division by zero", "quotient without end"). A text longer than 128
 * tokens is undefined too. Arguments that are no finite decimals of at most 1,000 digits on a side are refused before.
 *
 * @throws SymgradError `E_USAGE` for an option that is not one of the above, or an operation twice.
 */
export function createCalculator(options: CalculatorOptions = {}): SymbolicFunction<CalculatorArguments> {
  const { operations = ["add", "subtract"], form = "equation" } = options;
  const known = operations.length > 0 && operations.every((operation) => Object.hasOwn(signs, operation));
  if (!known || new Set(operations).size < operations.length || !["equation", "result"].includes(form)) {
    throw new SymgradError(
      "E_USAGE",
      `createCalculator: \`operations\` must be different ones of ${Object.keys(signs).join(", ")}, \`form\` "equation" or "result", got ${show(options)}.`,
    );
  }
  const variant = `${operations.join("-")}.${form}`;
  return defineFunction<CalculatorArguments>({
    name: variant === "add-subtract.equation" ? "symgrad.calculator.v1" : `symgrad.calculator.${variant}.v1`,
    args: { a: fromExample("numbers"), b: fromExample("numbers") },
    where: distinct,
    symmetric: ["a", "b"],
    run({ a, b }) {
      const lines: string[] = [];
      const values: string[] = [];
      let refused = "";
      const add = (operation: CalculatorOperation, x: Decimal, y: Decimal) => {
        const result = compute(operation, x, y);
        if ("refused" in result) {
          refused = result.refused;
          return;
        }
        const { value } = result;
        values.push(value);
        lines.push(
          form === "result" ? value : `${value} = ${x.toFixed()} ${signs[operation]} ${y.toFixed()}`,
        );
      };
      for (const operation of operations) {
        add(operation, a, b);
        if (operation === "subtract" || operation === "divide") add(operation, b, a);
      }
      return lines.length === 0 ? undefinedResult(refused) : ok(lines.join(", "), { values });
    },
    output: tokens({
      symbols: [...operations.map((operation) => signs[operation]), "-", "=", ",", "."].filter(
        (symbol, i, all) => all.indexOf(symbol) === i && (symbol !== "=" || form === "equation"),
      ),
    }),
    maxLength: 128,
    overflow: "undefined",
    examples: [{ numbers: [72, 23, 0, -5, 0.1, "5,903,204"] }],
  });
}

/** The exact result, or why there is none. */
function compute(
  operation: CalculatorOperation,
  x: Decimal,
  y: Decimal,
): { value: string } | { refused: string } {
  if (operation === "add") return { value: x.plus(y).toFixed() };
  if (operation === "subtract") return { value: x.minus(y).toFixed() };
  if (operation === "multiply") return { value: x.times(y).toFixed() };
  if (y.isZero()) return { refused: "division by zero" };
  const { value, exact } = quotient(x, y, mostPlaces);
  return exact ? { value } : { refused: "quotient without end" };
}

/**
 * All sums and differences of two numbers of the example: F(72, 23) = "95 = 72 + 23, 49 = 72 - 23, -49 = 23 - 72". The
 * computed results alone are its `values`. Pairs whose text is longer than 128 tokens (about 13 digits each) are
 * undefined. See {@link createCalculator} for products, quotients and another form.
 */
export const calculator = createCalculator();

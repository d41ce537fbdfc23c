import { Decimal } from "decimal.js";
import type { ValueType } from "./valueType";

/** The most digits before or after the point that an argument may have. */
const mostDigits = 1000;

/**
 * Sums, differences and products of two arguments are exact: they need at most 2,001 and 4,000 digits. Text never has
 * an exponent. A division stops at the precision instead of running for ever.
 */
const ExactDecimal = Decimal.clone({ defaults: true, precision: 4200, toExpNeg: -9e15, toExpPos: 9e15 });

const plain = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,5})?$/i;
const withThousands = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;

/**
 * Decimal numbers with exact arithmetic. Read from numbers, bigints, decimal.js objects and text such as "72", "-0.5"
 * or "5,903,204"; -0 becomes 0. Refused: NaN, infinities, and more than 1,000 digits on a side of the point.
 */
export const decimal: ValueType<Decimal> = {
  name: "decimal",
  expected: `a decimal number of at most ${mostDigits} digits, such as 72, "-0.5" or "5,903,204"`,
  parse(value) {
    const text = toPlainText(value);
    if (text === undefined) return undefined;
    const parsed = new ExactDecimal(text);
    if (parsed.isZero()) return new ExactDecimal(0);
    return parsed.e < mostDigits && parsed.decimalPlaces() <= mostDigits ? parsed : undefined;
  },
  canonical: (value) => value.toFixed(),
  samples: [72, 23, 0, -5, 0.1, "5,903,204", 23, 1e12],
};

function toPlainText(value: unknown): string | undefined {
  if (typeof value === "string") {
    const text = value.trim();
    if (plain.test(text)) return text;
    return withThousands.test(text) ? text.replaceAll(",", "") : undefined;
  }
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  if (Decimal.isDecimal(value)) return value.isFinite() ? value.toString() : undefined;
  return undefined;
}

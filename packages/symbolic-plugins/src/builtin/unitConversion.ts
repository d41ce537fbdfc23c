import { decimal } from "../arguments/decimal";
import { fromExample } from "../arguments/fromExample";
import { measure, type UnitName, unitsOfMeasure } from "../arguments/measure";
import { oneOf } from "../arguments/oneOf";
import { defineFunction } from "../define";
import { quotient } from "../internal/quotient";
import { tokens } from "../output";
import { ok, undefinedResult } from "../result";

const names = Object.keys(unitsOfMeasure) as UnitName[];

/** Digits behind the point of a result that has no end, or a far one. */
const places = 6;

/**
 * One of the example's `measures` in another unit: F("5 km", "mile") = "3.106856 mile". The number alone is its value.
 * Factors are exact by definition (an inch is 2.54 cm). The result is rounded to six places, half to even.
 *
 * Undefined: "not the same kind of unit" (5 km in hours), "same unit", "below absolute zero". Unknown units are refused
 * before.
 */
export const unitConversion = defineFunction({
  name: "symgrad.unitConversion.v1",
  args: { measure: fromExample("measures", measure), unit: oneOf(names) },
  run({ measure: given, unit }) {
    const from = unitsOfMeasure[given.unit];
    const to = unitsOfMeasure[unit];
    if (given.unit === unit) return undefinedResult("same unit");
    if (from.dimension !== to.dimension) return undefinedResult("not the same kind of unit");
    const [fromOffset, toOffset] = [offsetOf(given.unit), offsetOf(unit)];
    const base = given.amount.plus(fromOffset).times(from.factor);
    if (from.dimension === "temperature" && base.isNegative() && !base.isZero()) {
      return undefinedResult("below absolute zero");
    }
    // (base - offset * factor) / factor: one division, so that rounding happens once.
    const { value } = quotient(
      base.minus(decimal.parse(to.factor)!.times(toOffset)),
      decimal.parse(to.factor)!,
      places,
    );
    return ok(`${value} ${unit}`, { values: [value] });
  },
  output: tokens({ symbols: ["-", ".", ...names] }),
  maxLength: 64,
  overflow: "undefined",
  examples: [{ measures: ["5 km", "3.2 miles", "-40 °C"] }],
});

/** What is added to an amount before its factor. */
function offsetOf(unit: UnitName): string {
  const { offset } = unitsOfMeasure[unit] as { offset?: string };
  return offset ?? "0";
}

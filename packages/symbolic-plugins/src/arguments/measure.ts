import type { Decimal } from "decimal.js";
import { decimal } from "./decimal";
import type { ValueType } from "./valueType";

/** What can be converted into each other. */
export type Dimension = "length" | "mass" | "time" | "volume" | "temperature";

interface UnitOfMeasure {
  readonly dimension: Dimension;
  /** How many base units (m, kg, s, l, a ninth of a kelvin) it is; exact by definition. */
  readonly factor: string;
  /** Added to the amount before the factor: only for temperatures. */
  readonly offset?: string;
  /** How texts write it, beside its own name. */
  readonly names: readonly string[];
}

const unit = (dimension: Dimension, factor: string, names: string, offset?: string): UnitOfMeasure => ({
  dimension,
  factor,
  names: names.split(" "),
  ...(offset !== undefined && { offset }),
});

/** Metric, imperial and US units, by the name that results carry. */
export const unitsOfMeasure = {
  mm: unit("length", "0.001", "millimeter millimeters millimetre millimetres"),
  cm: unit("length", "0.01", "centimeter centimeters centimetre centimetres"),
  m: unit("length", "1", "meter meters metre metres"),
  km: unit("length", "1000", "kilometer kilometers kilometre kilometres"),
  inch: unit("length", "0.0254", "in inches"),
  foot: unit("length", "0.3048", "ft feet"),
  yard: unit("length", "0.9144", "yd yards yds"),
  mile: unit("length", "1609.344", "mi miles"),
  g: unit("mass", "0.001", "gram grams"),
  kg: unit("mass", "1", "kilogram kilograms"),
  tonne: unit("mass", "1000", "t tonnes"),
  ounce: unit("mass", "0.028349523125", "oz ounces"),
  pound: unit("mass", "0.45359237", "lb lbs pounds"),
  second: unit("time", "1", "s sec seconds"),
  minute: unit("time", "60", "min minutes"),
  hour: unit("time", "3600", "h hr hours hrs"),
  day: unit("time", "86400", "days"),
  week: unit("time", "604800", "weeks"),
  ml: unit("volume", "0.001", "milliliter milliliters millilitre millilitres"),
  liter: unit("volume", "1", "l liters litre litres"),
  gallon: unit("volume", "3.785411784", "gal gallons"),
  kelvin: unit("temperature", "9", "k"),
  celsius: unit("temperature", "9", "c °c", "273.15"),
  fahrenheit: unit("temperature", "5", "f °f", "459.67"),
} as const satisfies Record<string, UnitOfMeasure>;

export type UnitName = keyof typeof unitsOfMeasure;

/** An amount of a unit. */
export interface Measure {
  readonly amount: Decimal;
  readonly unit: UnitName;
}

const byName = new Map<string, UnitName>(
  Object.entries(unitsOfMeasure).flatMap(([name, { names }]) =>
    [name, ...names].map((written) => [written, name as UnitName] as const),
  ),
);

const written = /^([+-]?[\d.,]+) ?([a-z°]+)$/i;

/** An amount with its unit: "5 km", "3.2 miles", "1,000 ft", "20 °C". Refused: units that are not known. */
export const measure: ValueType<Measure> = {
  name: "measure",
  expected: `an amount and a unit, such as "5 km" or "3.2 miles"; units: ${Object.keys(unitsOfMeasure).join(", ")}`,
  parse(value) {
    if (typeof value !== "string") return undefined;
    const [, amountText, unitText] = written.exec(value.trim()) ?? [];
    const amount = decimal.parse(amountText);
    const name = byName.get(unitText?.toLowerCase() ?? "");
    return amount && name ? { amount, unit: name } : undefined;
  },
  canonical: ({ amount, unit: name }) => `${amount.toFixed()} ${name}`,
  samples: ["5 km", "3.2 miles", "1,000 ft", "0 kg", "-40 °C", "90 minutes", "1 gallon"],
};

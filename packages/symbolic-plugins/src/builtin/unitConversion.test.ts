import fc from "fast-check";
import { expect, test } from "vitest";
import { measure, type UnitName, unitsOfMeasure } from "../arguments/measure";
import type { OkResult, Result } from "../result";
import { unitConversion } from "./unitConversion";

const convert = (text: string, unit: UnitName) =>
  unitConversion.run({ measure: measure.parse(text)!, unit }) as Result;

// Exact by definition: an inch is 2.54 cm, a pound 0.45359237 kg, a US gallon 231 cubic inches.
test.each([
  ["5 km", "mile", "3.106856 mile"],
  ["1 mile", "km", "1.609344 km"],
  ["1,000 ft", "m", "304.8 m"],
  ["26.2 miles", "yard", "46112 yard"],
  ["1 lb", "ounce", "16 ounce"],
  ["2.5 hours", "minute", "150 minute"],
  ["1 gallon", "ml", "3785.411784 ml"],
  ["-40 °C", "fahrenheit", "-40 fahrenheit"],
  ["100 C", "kelvin", "373.15 kelvin"],
  ["98.6 F", "celsius", "37 celsius"],
  ["0.0000005 km", "m", "0.0005 m"],
  ["1 mm", "km", "0.000001 km"],
  ["0.5 mm", "km", "0 km"],
  ["1.5 mm", "km", "0.000002 km"],
] as const)("%s in %s", (text, unit, expected) => {
  expect(convert(text, unit)).toMatchObject({ kind: "ok", text: expected });
});

test("what is undefined", () => {
  expect(convert("5 km", "hour")).toEqual({ kind: "undefined", reason: "not the same kind of unit" });
  expect(convert("5 km", "km")).toEqual({ kind: "undefined", reason: "same unit" });
  expect(convert("-1 kelvin", "celsius")).toEqual({ kind: "undefined", reason: "below absolute zero" });
});

test("there and back is where it was, within the rounding", () => {
  const units = Object.keys(unitsOfMeasure) as UnitName[];
  fc.assert(
    fc.property(fc.constantFrom(...units), fc.constantFrom(...units), fc.nat(100_000), (from, to, amount) => {
      const there = convert(`${amount} ${from}`, to);
      if (there.kind !== "ok") return;
      const back = convert((there as OkResult).text, from) as OkResult;
      const scale = Number(unitsOfMeasure[to].factor) / Number(unitsOfMeasure[from].factor);
      expect(Math.abs(Number(back.values[0]) - amount)).toBeLessThanOrEqual(5e-7 * scale + 5e-7);
    }),
  );
});

test("which measures are read", () => {
  expect(measure.parse("3.2 Miles")).toMatchObject({ unit: "mile" });
  for (const wrong of ["5", "km", "5 parsecs", "5 km/h", 5, ""]) expect(measure.parse(wrong)).toBeUndefined();
});

import type { ValueType } from "./valueType";

/** Text, taken as it is. */
export const text: ValueType<string> = {
  name: "text",
  expected: "text",
  parse: (value) => (typeof value === "string" ? value : undefined),
  canonical: (value) => JSON.stringify(value),
  samples: ["apple", "7 pens", "", 'Ünïcode, with "quotes"', "apple"],
};

import type { ValueType } from "./valueType";

/** A whole list as one value. @example wholeField("numbers", listOf(decimal)) // ArgumentSpace<readonly Decimal[]> */
export function listOf<T>(type: ValueType<T>): ValueType<readonly T[]> {
  return {
    name: `list of ${type.name}`,
    expected: `a list, each item ${type.expected}`,
    parse(value) {
      if (!Array.isArray(value)) return undefined;
      const items = value.map((item) => type.parse(item));
      return items.includes(undefined) ? undefined : (items as T[]);
    },
    canonical: (value) => JSON.stringify(value.map((item) => type.canonical(item))),
    ...(type.samples && { samples: [type.samples, []] }),
  };
}

import type { Decimal } from "decimal.js";
import { isDeeplyFrozen } from "../internal/deepFreeze";
import type { ArgumentSpace } from "./argumentSpace";
import { decimal } from "./decimal";
import { readList } from "./readList";
import { readValue } from "./readValue";
import { text } from "./text";
import type { ValueType } from "./valueType";

/** The most values that a space remembers. */
const mostKnown = 65_536;

/**
 * The values listed in a field of each example: for "numbers" decimals, for any other field text, or what `type` says.
 *
 * @throws SymgradError (when candidates are listed) `E_FORMAT` if the field is no list or holds another type.
 * @example defineFunction({ args: { a: fromExample("numbers"), unit: fromExample("units") }, ... })
 */
export function fromExample(field: "numbers"): ArgumentSpace<Decimal>;
export function fromExample(field: string): ArgumentSpace<string>;
export function fromExample<T>(field: string, type: ValueType<T>): ArgumentSpace<T>;
export function fromExample(field: string, type?: ValueType<unknown>): ArgumentSpace<unknown> {
  const valueType: ValueType<unknown> = type ?? (field === "numbers" ? decimal : text);
  // Texts and numbers come again in every epoch: what was made of them, and of that its canonical text.
  const known = new Map<unknown, unknown>();
  const canonicalOf = new WeakMap<object, string>();
  return {
    field,
    source: `example field "${field}" as ${valueType.name}`,
    values: (example, where) =>
      Array.from(readList(example, field, where), (item, index) => {
        const before = known.get(item);
        if (before !== undefined) return before;
        const value = readValue(valueType, item, `${where}: \`${field}[${index}]\``);
        if (typeof item !== "object" && isDeeplyFrozen(value)) {
          if (known.size >= mostKnown) known.clear();
          known.set(item, value);
          if (typeof value === "object" && value !== null) canonicalOf.set(value, valueType.canonical(value));
        }
        return value;
      }),
    canonical: (value) => canonicalOf.get(value as object) ?? valueType.canonical(value),
    ...(valueType.samples && { samples: { [field]: valueType.samples } }),
  };
}

import { SymgradError } from "@symgrad/core";
import type { Decimal } from "decimal.js";
import { show } from "../internal/show";
import type { ArgumentSpace } from "./argumentSpace";
import { decimal } from "./decimal";
import { text } from "./text";
import type { ValueType } from "./valueType";

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
  return {
    source: `example field "${field}" as ${valueType.name}`,
    values(example, where) {
      const list = (example as Record<string, unknown>)[field];
      if (!isList(list)) {
        throw new SymgradError(
          "E_FORMAT",
          `${where}: the field \`${field}\` must be a list, got ${show(list)}.`,
          {
            hint: `give each example a list \`${field}\`; this one has ${Object.keys(example).join(", ") || "no fields"}`,
          },
        );
      }
      return Array.from(list, (item, index) => {
        const value = valueType.parse(item);
        if (value !== undefined) return value;
        throw new SymgradError(
          "E_FORMAT",
          `${where}: \`${field}[${index}]\` must be ${valueType.expected}, got ${show(item)}.`,
        );
      });
    },
    canonical: (value) => valueType.canonical(value),
  };
}

function isList(value: unknown): value is Iterable<unknown> & ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

import type { ArgumentSpace } from "./argumentSpace";
import { readValue } from "./readValue";
import { text } from "./text";
import type { ValueType } from "./valueType";

/**
 * A field of each example as the one value the argument can have: the passage itself, say. Text, or what `type` says.
 *
 * @throws SymgradError (when candidates are listed) `E_FORMAT` if the field holds another type.
 */
export function wholeField(field: string): ArgumentSpace<string>;
export function wholeField<T>(field: string, type: ValueType<T>): ArgumentSpace<T>;
export function wholeField(field: string, type: ValueType<unknown> = text): ArgumentSpace<unknown> {
  return {
    source: `whole example field "${field}" as ${type.name}`,
    values: (example, where) => [
      readValue(type, (example as Record<string, unknown>)[field], `${where}: the field \`${field}\``),
    ],
    canonical: (value) => type.canonical(value),
    ...(type.samples && { samples: { [field]: type.samples[0] } }),
  };
}

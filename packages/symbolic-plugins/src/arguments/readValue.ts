import { SymgradError } from "@symgrad/core";
import { deepFreeze } from "../internal/deepFreeze";
import { show } from "../internal/show";
import type { ValueType } from "./valueType";

/**
 * Reads one value of an example, and freezes it unless it is the caller's own object.
 *
 * @param where Names the value in errors: the function, the example, the field.
 * @throws SymgradError `E_FORMAT` if it is not of this type.
 */
export function readValue<T>(type: ValueType<T>, item: unknown, where: string): T {
  const value = type.parse(item);
  if (value === undefined) {
    throw new SymgradError("E_FORMAT", `${where} must be ${type.expected}, got ${show(item)}.`);
  }
  return (value as unknown) === item ? value : deepFreeze(value);
}

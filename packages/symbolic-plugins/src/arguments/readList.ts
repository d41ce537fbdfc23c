import { SymgradError } from "@symgrad/core";
import { show } from "../internal/show";

/** @throws SymgradError `E_FORMAT` if the example's field is no list. */
export function readList(example: object, field: string, where: string): ArrayLike<unknown> {
  const list = (example as Record<string, unknown>)[field];
  if (isList(list)) return list;
  throw new SymgradError("E_FORMAT", `${where}: the field \`${field}\` must be a list, got ${show(list)}.`, {
    hint: `give each example a list \`${field}\`; this one has ${Object.keys(example).join(", ") || "no fields"}`,
  });
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

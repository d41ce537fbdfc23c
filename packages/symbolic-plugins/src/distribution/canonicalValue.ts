import { SymgradError } from "@symgrad/core";
import { Decimal } from "decimal.js";
import { show } from "../internal/show";

/**
 * A value as text, the same for two values only if they are equal: how results are merged and looked up. Plain data
 * only: numbers, bigints, decimals, text, booleans, null, lists and objects of such. -0 is 0.
 *
 * @throws SymgradError `E_USAGE` for anything else, NaN included: it equals nothing.
 */
export function canonicalValue(value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return JSON.stringify(value);
  if (typeof value === "number" && !Number.isNaN(value)) return String(value === 0 ? 0 : value);
  if (typeof value === "bigint") return `${value}n`;
  if (Decimal.isDecimal(value) && !value.isNaN()) return `decimal ${value.isZero() ? "0" : value.toString()}`;
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join(",")}]`;
  if (isPlainObject(value)) {
    const fields = Object.keys(value).sort();
    return `{${fields.map((field) => `${JSON.stringify(field)}:${canonicalValue(value[field])}`).join(",")}}`;
  }
  throw new SymgradError("E_USAGE", `distributions are over plain values, got ${show(value)}.`, {
    hint: "give back a number, bigint, decimal, text, boolean, null, or a list or plain object of these",
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

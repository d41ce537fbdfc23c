import { Decimal } from "decimal.js";

/**
 * Freezes plain objects, arrays and decimals, with what they hold. Anything else (a Map, a typed array, a class of
 * one's own) is left as it is, because freezing would not protect it.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** Whether nothing in this value can change. */
export function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return isFreezable(value) && Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

function isFreezable(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || Decimal.isDecimal(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

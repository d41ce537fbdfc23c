import { SymgradError } from "@symgrad/core";
import { show } from "../internal/show";
import type { ArgumentSpace } from "./argumentSpace";

/** What {@link oneOf} may list. */
export type Literal = string | number | boolean;

/**
 * One of some literal values, the same for every example. Their types are kept: `oneOf(["+", "-"])` is
 * `ArgumentSpace<"+" | "-">`.
 *
 * @throws SymgradError `E_USAGE` for an empty list, a value twice, or anything but text, finite numbers and booleans.
 */
export function oneOf<const T extends Literal>(values: readonly T[]): ArgumentSpace<T> {
  const valid = Array.isArray(values) && values.length > 0 && values.every(isLiteral);
  if (!valid || new Set(values).size !== values.length) {
    throw new SymgradError(
      "E_USAGE",
      `oneOf: \`values\` must be a list of different texts, finite numbers or booleans, at least one, got ${show(values)}.`,
    );
  }
  const listed = Object.freeze([...values]);
  return {
    source: `one of ${JSON.stringify(listed)}`,
    values: () => listed,
    canonical: (value) => JSON.stringify(value),
    fixed: true,
    samples: {},
  };
}

function isLiteral(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

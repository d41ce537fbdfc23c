import { SymgradError } from "@symgrad/core";
import { show } from "../internal/show";
import type { ArgumentSpace } from "./argumentSpace";

/** The most values a space of fixed values may have. */
const mostValues = 1_000_000;

/**
 * Whole numbers, the same for every example: `range(10)` is 0 to 9, `range(1, 13)` is 1 to 12.
 *
 * @param from The first, included; 0 if only one bound is given.
 * @param to The end, excluded; above `from`.
 * @throws SymgradError `E_RANGE` unless both are whole numbers and the range holds 1 to 1,000,000 of them.
 */
export function range(to: number): ArgumentSpace<number>;
export function range(from: number, to: number): ArgumentSpace<number>;
export function range(first: number, second?: number): ArgumentSpace<number> {
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to <= from || to - from > mostValues) {
    throw new SymgradError(
      "E_RANGE",
      `range: \`from\` and \`to\` must be whole numbers with 1 to 1,000,000 between them, \`to\` excluded, got ${show(from)} and ${show(to)}.`,
    );
  }
  const values = Object.freeze(Array.from({ length: to - from }, (_, i) => from + i));
  return {
    source: `range from ${from} to ${to}`,
    values: () => values,
    canonical: String,
    fixed: true,
    samples: {},
  };
}

import { SymgradError } from "@symgrad/core";
import { mixedRadix } from "../mixedRadix";
import type { ArgumentSpace, ArgumentSpaces, ArgumentValues } from "./argumentSpace";

const mostValues = 1_000_000;

/**
 * All combinations of several spaces as one argument, the last one changing fastest: value `i` is tuple `i` of
 * {@link mixedRadix}. Its type follows: `product({ op: oneOf(["+", "-"]), n: range(3) })` gives
 * `{ readonly op: "+" | "-"; readonly n: number }`.
 *
 * @throws SymgradError `E_USAGE` without any part; when listed, `E_RANGE` above 1,000,000 combinations.
 */
export function product<const Parts extends ArgumentSpaces>(
  parts: Parts,
): ArgumentSpace<ArgumentValues<Parts>> {
  const names = Object.keys(parts);
  if (names.length === 0) throw new SymgradError("E_USAGE", "product: `parts` must name at least one space.");
  const spaces = Object.values(parts);
  return {
    source: `product of ${names.map((name, i) => `${name}: ${spaces[i]!.source}`).join(", ")}`,
    values(example, where) {
      const lists = spaces.map((space) => space.values(example, where));
      const { count, tupleOf } = mixedRadix(lists.map(({ length }) => length));
      if (count > mostValues) {
        throw new SymgradError(
          "E_RANGE",
          `${where}: a product of ${count} combinations; 1,000,000 at most.`,
          {
            hint: "make them arguments of their own",
          },
        );
      }
      return Array.from({ length: count }, (_, index) => {
        const tuple = tupleOf(index);
        const entries = names.map((name, part) => [name, lists[part]![tuple[part]!]]);
        return Object.freeze(Object.fromEntries(entries)) as ArgumentValues<Parts>;
      });
    },
    canonical: (value) =>
      JSON.stringify(names.map((name, i) => spaces[i]!.canonical((value as Record<string, unknown>)[name]))),
    fixed: spaces.every(({ fixed }) => fixed === true),
    ...(spaces.every(({ samples }) => samples !== undefined) && {
      samples: Object.assign({}, ...spaces.map(({ samples }) => samples)),
    }),
  };
}

import { SymgradError } from "@symgrad/core";
import type { SymbolicFunction } from "@symgrad/symbolic-plugins";

/** What a reader finds in a text and hands to functions, by the field that functions read it from. */
export type TextField = "numbers" | "dates";

const TEXT_FIELDS: readonly string[] = ["numbers", "dates"] satisfies TextField[];

/**
 * Where a function's arguments come from. All values an argument may take stand in one list: the literals that some
 * argument chooses among, then what is found in the text, numbers before dates.
 */
export interface ArgumentLayout {
  /** Per argument the field of the text, or where its literals begin. */
  readonly arguments: readonly (TextField | number)[];
  /** The literals of all arguments, as text. */
  readonly literals: readonly string[];
  /** Which fields any argument needs. */
  readonly fields: ReadonlySet<TextField>;
}

const known = new WeakMap<SymbolicFunction, ArgumentLayout>();

/**
 * The layout of a function's arguments.
 *
 * @throws SymgradError `E_USAGE` if an argument comes from elsewhere: from a field that no text has, from an earlier
 *   stage, or from pairs and lists of values.
 */
export function argumentLayout(fn: SymbolicFunction): ArgumentLayout {
  const before = known.get(fn);
  if (before) return before;
  const literals: string[] = [];
  const begins = new Map<string, number>();
  const places = Object.entries(fn.args).map(([name, space]): TextField | number => {
    if (space.fixed) {
      const begin = begins.get(space.source) ?? literals.length;
      if (!begins.has(space.source)) {
        begins.set(space.source, begin);
        literals.push(...space.values({}, fn.name).map((value) => space.canonical(value)));
      }
      return begin;
    }
    if (space.field !== undefined && TEXT_FIELDS.includes(space.field)) return space.field as TextField;
    throw new SymgradError(
      "E_USAGE",
      `${fn.name}: a reader cannot give the argument \`${name}\` a value (${space.source}).`,
      { hint: "a reader has the `numbers` and `dates` of a text, and literals: fromExample, oneOf, range" },
    );
  });
  const fields = new Set(places.filter((place) => typeof place === "string"));
  const layout = { arguments: places, literals, fields };
  known.set(fn, layout);
  return layout;
}

import { SymgradError } from "@symgrad/core";
import type { SymbolicFunction } from "@symgrad/symbolic-plugins";

/** What a reader finds in a text and hands to functions, by the field that functions read it from. */
export type TextField = "numbers" | "dates";

const TEXT_FIELDS: readonly string[] = ["numbers", "dates"] satisfies TextField[];

/** The field of a text, the first of an argument's literals, or an earlier stage's function. */
export type ArgumentPlace = TextField | number | { readonly stage: string };

/**
 * Where a function's arguments come from. All values an argument may take stand in one list: the literals that some
 * argument chooses among, then what is found in the text, numbers before dates, then what earlier stages gave.
 */
export interface ArgumentLayout {
  /** Per argument the field of the text, where its literals begin, or the function whose results it takes. */
  readonly arguments: readonly ArgumentPlace[];
  /** The literals of all arguments, as text. */
  readonly literals: readonly string[];
  /** Which fields any argument needs. */
  readonly fields: ReadonlySet<TextField>;
}

const known = new WeakMap<SymbolicFunction, ArgumentLayout>();

/**
 * The layout of a function's arguments.
 *
 * @throws SymgradError `E_USAGE` if an argument comes from elsewhere: from a field that no text has, or from
 *   pairs and lists of values.
 */
export function argumentLayout(fn: SymbolicFunction): ArgumentLayout {
  const before = known.get(fn);
  if (before) return before;
  const literals: string[] = [];
  const begins = new Map<string, number>();
  const places = Object.entries(fn.args).map(([name, space]): ArgumentPlace => {
    if (space.fixed) {
      const begin = begins.get(space.source) ?? literals.length;
      if (!begins.has(space.source)) {
        begins.set(space.source, begin);
        literals.push(...space.values({}, fn.name).map((value) => space.canonical(value)));
      }
      return begin;
    }
    if (space.field !== undefined && TEXT_FIELDS.includes(space.field)) return space.field as TextField;
    if (space.stage !== undefined) return { stage: space.stage };
    throw new SymgradError(
      "E_USAGE",
      `${fn.name}: a reader cannot give the argument \`${name}\` a value (${space.source}).`,
      {
        hint: "a reader has the `numbers` and `dates` of a text, and literals, and what earlier stages gave: fromExample, oneOf, range, fromStage",
      },
    );
  });
  const fields = new Set(places.filter((place) => typeof place === "string"));
  const layout = { arguments: places, literals, fields };
  known.set(fn, layout);
  return layout;
}

/**
 * Checks that functions can be called one after another.
 *
 * @throws SymgradError `E_USAGE` if one takes the results of a function that is no earlier stage.
 */
export function assertStages(functions: readonly SymbolicFunction[]): void {
  for (const [stage, fn] of functions.entries()) {
    const earlier = functions.slice(0, stage).map(({ name }) => name);
    for (const place of argumentLayout(fn).arguments) {
      if (typeof place !== "object" || earlier.includes(place.stage)) continue;
      throw new SymgradError(
        "E_USAGE",
        `${fn.name} takes results of ${place.stage}, which is not called before it${earlier.length > 0 ? ` (${earlier.join(", ")} are)` : ""}.`,
        { hint: `give the reader both, in order: function: ["${place.stage}", "${fn.name}"]` },
      );
    }
  }
}

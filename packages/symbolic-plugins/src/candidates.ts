import { SymgradError } from "@symgrad/core";
import type { ArgumentSpace, Position } from "./arguments/argumentSpace";
import { distinct } from "./arguments/distinct";
import type { SymbolicFunction } from "./define";

/** The most candidates one example may have. */
const mostCandidates = 1_000_000;

/** The candidate tuples of one example, in lexicographic order of their indices. */
export interface ExampleCandidates {
  readonly count: number;
  /** `[count, arguments]`, flat: the index of each argument in its list. */
  readonly indices: Int32Array;
  /** The list of each argument. */
  readonly values: readonly (readonly unknown[])[];
  /** The same lists in canonical text. */
  readonly canonical: readonly (readonly string[])[];
}

/** The candidate tuples of a batch; each example has its own number of them. */
export interface Candidates {
  readonly function: SymbolicFunction;
  readonly examples: readonly ExampleCandidates[];
  /** The number of candidates of each example. */
  readonly counts: Int32Array;
  /** The candidates of an example as index tuples, one index for each argument. */
  tuples(example: number): number[][];
}

/**
 * Lists what a function may be called with in each example: all tuples for which `where` holds, and of symmetric
 * arguments only the order of the list (for a distinct pair: i < j).
 *
 * @throws SymgradError `E_FORMAT` if an example lacks a field or holds another type in it; `E_RANGE` above 1,000,000
 *   candidates for one example.
 */
export function listCandidates(fn: SymbolicFunction, examples: readonly object[]): Candidates {
  const listed = examples.map((example, i) =>
    listExample(fn, example, `${fn.name}: example ${i} of the batch`),
  );
  return {
    function: fn,
    examples: listed,
    counts: Int32Array.from(listed, ({ count }) => count),
    tuples: (example) => {
      const row = listed[example];
      if (row === undefined) {
        throw new SymgradError(
          "E_RANGE",
          `${fn.name}: no example ${example} in a batch of ${listed.length}.`,
        );
      }
      return tuplesOf(row.indices, Object.keys(fn.args).length);
    },
  };
}

/** Cuts flat indices into tuples. */
export function tuplesOf(indices: Int32Array, width: number): number[][] {
  return Array.from({ length: indices.length / width }, (_, i) =>
    Array.from(indices.subarray(i * width, (i + 1) * width)),
  );
}

function listExample(fn: SymbolicFunction, example: object, where: string): ExampleCandidates {
  const names = Object.keys(fn.args);
  const bySource = new Map<string, { values: readonly unknown[]; canonical: readonly string[] }>();
  const lists = names.map((name) => {
    const space = fn.args[name]!;
    const known = bySource.get(space.source);
    if (known !== undefined) return known;
    const values = space.values(example, where);
    const list = { values, canonical: values.map((value) => canonicalText(fn, space, value)) };
    bySource.set(space.source, list);
    return list;
  });
  const indices = enumerate(
    fn,
    names,
    lists.map(({ values }) => values),
    where,
  );
  return {
    count: indices.length / names.length,
    indices,
    values: lists.map(({ values }) => values),
    canonical: lists.map(({ canonical }) => canonical),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not occur
const control = /[\u0000-\u001f]/;

function canonicalText(fn: SymbolicFunction, space: ArgumentSpace<unknown>, value: unknown): string {
  const text = space.canonical(value);
  if (typeof text === "string" && !control.test(text)) return text;
  throw new SymgradError(
    "E_FUNCTION",
    `${fn.name}: \`canonical\` of ${space.source} must give text without control characters.`,
  );
}

function enumerate(
  fn: SymbolicFunction,
  names: readonly string[],
  lists: readonly (readonly unknown[])[],
  where: string,
): Int32Array {
  const found: number[] = [];
  const tuple: number[] = new Array(names.length).fill(0);
  const isDistinct = fn.where === distinct;
  // For a symmetric argument: the one before it in the group, whose index it may not fall below.
  const before = names.map((name, argument) => {
    if (!fn.symmetric.includes(name)) return -1;
    return names.findLastIndex((other, i) => i < argument && fn.symmetric.includes(other));
  });
  // Arguments that share a list with an earlier one: what `distinct` looks at.
  const sharing = names.map((name, argument) =>
    names.flatMap((other, i) =>
      i < argument && fn.args[other]!.source === fn.args[name]!.source ? [i] : [],
    ),
  );
  const holds = (): boolean => {
    if (isDistinct) return true;
    const values: Record<string, unknown> = {};
    const positions: Record<string, Position> = {};
    for (const [argument, name] of names.entries()) {
      const index = tuple[argument]!;
      values[name] = lists[argument]![index];
      positions[name] = { source: fn.args[name]!.source, index };
    }
    return fn.where(values, positions);
  };
  const visit = (argument: number): void => {
    if (argument === names.length) {
      if (!holds()) return;
      found.push(...tuple);
      if (found.length > mostCandidates * names.length) {
        throw new SymgradError(
          "E_RANGE",
          `${where} has more than ${mostCandidates.toLocaleString("en")} candidates.`,
          {
            hint: "narrow the lists or the function's `where`",
          },
        );
      }
      return;
    }
    const least = before[argument]! < 0 ? 0 : tuple[before[argument]!]!;
    for (let index = least; index < lists[argument]!.length; index++) {
      if (isDistinct && sharing[argument]!.some((other) => tuple[other] === index)) continue;
      tuple[argument] = index;
      visit(argument + 1);
    }
  };
  visit(0);
  return Int32Array.from(found);
}

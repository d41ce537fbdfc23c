import { SymgradError } from "@symgrad/core";
import type { ArgumentSpace } from "./arguments/argumentSpace";
import type { SymbolicFunction } from "./define";
import { TupleWalk } from "./tupleWalk";

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
  /** `[batch + 1]`: where each example's candidates begin when all are written one after the other. */
  readonly offsets: Int32Array;
  /** The candidates of an example as index tuples, one index for each argument. */
  tuples(example: number): number[][];
  /** The index tuple of one candidate. */
  tuple(example: number, candidate: number): number[];
  /** The candidate of an index tuple, the inverse of `tuple`; `undefined` if the tuple is no candidate. */
  indexOf(example: number, tuple: readonly number[]): number | undefined;
}

/** One candidate while streaming: see {@link streamCandidates}. */
export interface StreamedCandidate {
  /** The index of each argument in its list. */
  readonly tuple: readonly number[];
  /** The arguments in the order of `fn.args`. */
  readonly values: readonly unknown[];
  /** The same in canonical text. */
  readonly canonical: readonly string[];
}

/**
 * Lists what a function may be called with in each example: all tuples for which `where` holds, and of symmetric
 * arguments only the order of the list (for a distinct pair: i < j).
 *
 * @throws SymgradError `E_FORMAT` if an example lacks a field or holds another type in it; `E_RANGE` above 1,000,000
 *   candidates for one example, and when asked for an example or a candidate that is not there.
 */
export function listCandidates(fn: SymbolicFunction, examples: readonly object[]): Candidates {
  const listed = examples.map((example, i) =>
    listExample(fn, example, `${fn.name}: example ${i} of the batch`),
  );
  const width = Object.keys(fn.args).length;
  const counts = Int32Array.from(listed, ({ count }) => count);
  const offsets = new Int32Array(listed.length + 1);
  for (const [example, count] of counts.entries()) offsets[example + 1] = offsets[example]! + count;
  const rowOf = (example: number): ExampleCandidates => {
    const row = listed[example];
    if (row !== undefined) return row;
    throw new SymgradError("E_RANGE", `${fn.name}: no example ${example} in a batch of ${listed.length}.`);
  };
  return {
    function: fn,
    examples: listed,
    counts,
    offsets,
    tuples: (example) => tuplesOf(rowOf(example).indices, width),
    tuple(example, candidate) {
      const { indices, count } = rowOf(example);
      if (Number.isInteger(candidate) && candidate >= 0 && candidate < count) {
        return Array.from(indices.subarray(candidate * width, (candidate + 1) * width));
      }
      throw new SymgradError(
        "E_RANGE",
        `${fn.name}: no candidate ${candidate} among the ${count} of example ${example}.`,
      );
    },
    indexOf: (example, tuple) => findTuple(rowOf(example).indices, width, tuple),
  };
}

/**
 * The same candidates in the same order, one after the other and never all at once.
 *
 * @throws SymgradError `E_FORMAT` as {@link listCandidates}.
 */
export function* streamCandidates(
  fn: SymbolicFunction,
  example: object,
): Generator<StreamedCandidate, void, void> {
  const { values, canonical } = listArguments(fn, example, fn.name);
  const walk = new TupleWalk(fn, values);
  while (walk.next()) {
    const tuple = Array.from(walk.tuple);
    yield {
      tuple,
      values: tuple.map((index, argument) => values[argument]![index]),
      canonical: tuple.map((index, argument) => canonical[argument]![index]!),
    };
  }
}

/** Cuts flat indices into tuples. */
export function tuplesOf(indices: Int32Array, width: number): number[][] {
  return Array.from({ length: indices.length / width }, (_, i) =>
    Array.from(indices.subarray(i * width, (i + 1) * width)),
  );
}

function listExample(fn: SymbolicFunction, example: object, where: string): ExampleCandidates {
  const { values, canonical } = listArguments(fn, example, where);
  const walk = new TupleWalk(fn, values);
  const width = values.length;
  const indices: number[] = [];
  while (walk.next()) {
    for (let argument = 0; argument < width; argument++) indices.push(walk.tuple[argument]!);
    if (indices.length > mostCandidates * width) {
      throw new SymgradError(
        "E_RANGE",
        `${where} has more than ${mostCandidates.toLocaleString("en")} candidates.`,
        { hint: "narrow the lists or the function's `where`, or stream them" },
      );
    }
  }
  return { count: indices.length / width, indices: new Int32Array(indices), values, canonical };
}

/** The values of one list, and what names them in the cache. */
interface ArgumentList {
  readonly values: readonly unknown[];
  readonly canonical: readonly string[];
}

/** Lists that no example changes, by their space. */
const fixedLists = new WeakMap<ArgumentSpace<unknown>, ArgumentList>();

function listArguments(
  fn: SymbolicFunction,
  example: object,
  where: string,
): { values: (readonly unknown[])[]; canonical: (readonly string[])[] } {
  const bySource = new Map<string, ArgumentList>();
  const lists = Object.values(fn.args).map((space) => {
    const known = bySource.get(space.source) ?? fixedLists.get(space);
    if (known !== undefined) return known;
    const values = space.values(example, where);
    const list = { values, canonical: values.map((value) => canonicalText(fn, space, value)) };
    bySource.set(space.source, list);
    if (space.fixed) fixedLists.set(space, list);
    return list;
  });
  return { values: lists.map(({ values }) => values), canonical: lists.map(({ canonical }) => canonical) };
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

/** Tuples are sorted, so the search halves. */
function findTuple(indices: Int32Array, width: number, tuple: readonly number[]): number | undefined {
  if (tuple.length !== width) return undefined;
  let low = 0;
  let high = indices.length / width - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    let argument = 0;
    while (argument < width && indices[middle * width + argument] === tuple[argument]) argument++;
    if (argument === width) return middle;
    if (indices[middle * width + argument]! < tuple[argument]!) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

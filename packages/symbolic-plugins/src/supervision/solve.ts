import { SymgradError } from "@symgrad/core";
import type { ArgumentSpaces, ArgumentValues } from "../arguments/argumentSpace";
import type { SymbolicFunction } from "../define";
import { runNow } from "../internal/runNow";
import { show } from "../internal/show";
import type { OkResult } from "../result";

/** Arguments for which a function gives what was looked for. */
export interface Solution {
  /** The index of each argument in its list, as candidates are written. */
  readonly tuple: readonly number[];
  readonly result: OkResult;
}

export interface SolveOptions<Args extends ArgumentSpaces> {
  /**
   * A short cut: for one argument, which of its values can solve it at all, given the others. Only these are tried, so
   * a search over pairs takes as many calls as there are solutions. What it leaves out is not found; what it adds in
   * vain costs a call.
   *
   * @example { argument: "b", values: ({ a }) => [answer.minus(a)] } // of a + b = answer
   */
  readonly invert?: {
    readonly argument: keyof Args & string;
    values(others: ArgumentValues<Args>): Iterable<unknown>;
  };
}

/**
 * Searches the candidates of one example for those whose result satisfies the predicate: the positives of an argument
 * loss. Streaming: one tuple at a time, nothing is tokenized or kept, and whoever has enough stops asking. Undefined
 * results never satisfy.
 *
 * For results that a layer has prepared already see {@link consistentCandidates}.
 *
 * @returns Solutions in the order of the candidates; with `invert` in an order of its own.
 * @throws SymgradError `E_FORMAT` if the example lacks a field; `E_FUNCTION` if the function throws, gives no result or
 *   is asynchronous; `E_USAGE` if `invert` names no argument or gives a value of the wrong type.
 * @example for (const { tuple } of solve(calculator, { numbers: [3, 5, 8] }, ({ values }) => values.includes("8"))) ...
 */
export function* solve<Args extends ArgumentSpaces>(
  fn: SymbolicFunction<Args>,
  example: object,
  predicate: (result: OkResult) => boolean,
  options: SolveOptions<Args> = {},
): Generator<Solution, void, void> {
  const untyped = fn as unknown as SymbolicFunction;
  const names = Object.keys(fn.args);
  const spaces = Object.values(untyped.args);
  const lists = spaces.map((space) => space.values(example, `solve: ${fn.name}`));
  for (const tuple of options.invert
    ? invertedTuples(untyped, names, lists, options.invert as Invert)
    : tuplesOver(lists.map(({ length }) => length))) {
    const values = tuple.map((place, i) => lists[i]![place]);
    if (!isCandidate(untyped, names, tuple, values)) continue;
    const result = runNow("solve", untyped, values);
    if (result.kind === "ok" && predicate(result)) yield { tuple, result };
  }
}

type Invert = NonNullable<SolveOptions<ArgumentSpaces>["invert"]>;

/** Every tuple of the other arguments, completed by the values that may solve it. */
function* invertedTuples(
  fn: SymbolicFunction,
  names: readonly string[],
  lists: readonly (readonly unknown[])[],
  invert: Invert,
): Generator<number[]> {
  const solved = names.indexOf(invert.argument);
  if (solved < 0) {
    throw new SymgradError(
      "E_USAGE",
      `solve: \`invert.argument\` must be one of ${names.join(", ")} of ${fn.name}, got ${show(invert.argument)}.`,
    );
  }
  const space = fn.args[invert.argument]!;
  const placesOf = new Map<string, number[]>();
  for (const [place, value] of lists[solved]!.entries()) {
    const key = space.canonical(value);
    placesOf.set(key, [...(placesOf.get(key) ?? []), place]);
  }
  for (const tuple of tuplesOver(lists.map(({ length }, i) => (i === solved ? 1 : length)))) {
    const others = names.flatMap((name, i) => (i === solved ? [] : [[name, lists[i]![tuple[i]!]] as const]));
    const found = new Set<number>();
    for (const value of invert.values(Object.fromEntries(others))) {
      for (const place of placesOf.get(canonicalOf(fn, space, value)) ?? []) found.add(place);
    }
    for (const place of found) yield tuple.map((index, i) => (i === solved ? place : index));
  }
}

function canonicalOf(fn: SymbolicFunction, space: ArgumentSpaces[string], value: unknown): string {
  try {
    return space.canonical(value);
  } catch (cause) {
    throw new SymgradError(
      "E_USAGE",
      `solve: \`invert\` of ${fn.name} gave ${show(value)}, which is no value of its argument.`,
      { hint: "give values of the argument's own type", cause },
    );
  }
}

/** All index tuples of lists of these sizes, the last index changing fastest. */
function* tuplesOver(sizes: readonly number[]): Generator<number[]> {
  const tuple = sizes.map(() => 0);
  if (sizes.includes(0)) return;
  for (;;) {
    yield [...tuple];
    let place = sizes.length - 1;
    while (place >= 0 && tuple[place] === sizes[place]! - 1) tuple[place--] = 0;
    if (place < 0) return;
    tuple[place]!++;
  }
}

/** Whether `where` holds, and of symmetric arguments the order is that of the list. */
function isCandidate(
  fn: SymbolicFunction,
  names: readonly string[],
  tuple: readonly number[],
  values: readonly unknown[],
): boolean {
  const symmetric = tuple.filter((_, i) => fn.symmetric.includes(names[i]!));
  if (symmetric.some((index, i) => i > 0 && index < symmetric[i - 1]!)) return false;
  const byName = <T>(of: (i: number) => T) => Object.fromEntries(names.map((name, i) => [name, of(i)]));
  return fn.where(
    byName((i) => values[i]),
    byName((i) => ({ source: fn.args[names[i]!]!.source, index: tuple[i]! })),
  );
}

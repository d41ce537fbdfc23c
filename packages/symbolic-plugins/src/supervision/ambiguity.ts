import { SymgradError } from "@symgrad/core";

/** How many explanations the answers of a data set have. */
export interface AmbiguityReport {
  readonly examples: number;
  /** Examples that no tuple explains: they teach nothing about the arguments. */
  readonly unsolved: number;
  /** Examples with one explanation. */
  readonly unique: number;
  /** Examples with several: a loss that wants each of them at probability 1 (`bce`) cannot reach 0. */
  readonly ambiguous: number;
  /** Mean, median and largest size of the consistent set, over the examples that have one; 0 if none has. */
  readonly mean: number;
  readonly median: number;
  readonly largest: number;
  /** Size of the consistent set -> examples, ascending; size 0 included. */
  readonly histogram: ReadonlyMap<number, number>;
}

/**
 * Describes how ambiguous the supervision of a data set is.
 *
 * @param sizes The size of each example's consistent set: how many solutions `solve` or `consistentCandidates` found.
 * @throws SymgradError `E_RANGE` unless all are whole numbers of at least 0.
 */
export function ambiguity(sizes: ArrayLike<number>): AmbiguityReport {
  const sorted = Float64Array.from(sizes).sort();
  const wrong = sorted.find((size) => !Number.isInteger(size) || size < 0);
  if (wrong !== undefined) {
    throw new SymgradError(
      "E_RANGE",
      `ambiguity: \`sizes\` must be whole numbers of at least 0, got ${wrong}.`,
    );
  }
  const histogram = new Map<number, number>();
  for (const size of sorted) histogram.set(size, (histogram.get(size) ?? 0) + 1);
  const solved = sorted.filter((size) => size > 0);
  const middle = solved.length >> 1;
  const [low, high] = [solved[solved.length % 2 ? middle : middle - 1], solved[middle]];
  const unique = histogram.get(1) ?? 0;
  return {
    examples: sorted.length,
    unsolved: sorted.length - solved.length,
    unique,
    ambiguous: solved.length - unique,
    mean: solved.length === 0 ? 0 : solved.reduce((sum, size) => sum + size, 0) / solved.length,
    median: solved.length === 0 ? 0 : (low! + high!) / 2,
    largest: solved.at(-1) ?? 0,
    histogram,
  };
}

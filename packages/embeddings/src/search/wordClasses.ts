import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { ExactSearch } from "./exactSearch";

export interface WordClassesOptions {
  /** How many classes, 1 to as many as there are words. */
  readonly classes: number;
  /** Times that classes take their direction from their words, and words their class. Default 10. */
  readonly iterations?: number | undefined;
}

/**
 * Divides words among classes by k-means of their directions, as word2vec.c's `-classes` does: the word of row i starts
 * in class i mod `classes`; again and again each class takes the direction of its words' sum, and each word goes to the
 * class that is nearest by the cosine. A class that loses all its words stays empty.
 *
 * @returns The class of each row, 0 to `classes` - 1: int32 [words].
 * @throws SymgradError `E_RANGE` for a number of classes or iterations that makes no sense, or too large a table.
 */
export function wordClasses(
  vectors: WordVectors,
  { classes, iterations = 10 }: WordClassesOptions,
): Int32Array {
  const { size } = vectors;
  assertWhole("classes", classes, 1, size);
  assertWhole("iterations", iterations, 1, 1e6);
  const search = new ExactSearch(vectors);
  const classOf = Int32Array.from({ length: size }, (_, row) => row % classes);
  const nearest = new Float32Array(size);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const sums = sumsOf(vectors, classOf, classes);
    nearest.fill(Number.NEGATIVE_INFINITY);
    for (const [number, sum] of sums.entries()) {
      if (sum.every((value) => value === 0)) continue;
      const similarities = search.similarities(sum);
      for (let row = 0; row < size; row++) {
        if (similarities[row]! <= nearest[row]!) continue;
        nearest[row] = similarities[row]!;
        classOf[row] = number;
      }
    }
  }
  return classOf;
}

/** The sum of each class's vectors, float32 [dimension] each. */
function sumsOf({ dimension, values }: WordVectors, classOf: Int32Array, classes: number): Float32Array[] {
  const sums = Array.from({ length: classes }, () => new Float32Array(dimension));
  for (const [row, number] of classOf.entries()) {
    const sum = sums[number]!;
    for (let i = 0; i < dimension; i++) sum[i]! += values[row * dimension + i]!;
  }
  return sums;
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SymgradError("E_RANGE", `${name} is ${value}, wanted a whole number from ${least} to ${most}`, {
    where: "wordClasses",
  });
}

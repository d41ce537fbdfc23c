import type { WordVectors } from "../wordVectors";

/** A row that a search found. */
export interface Match {
  readonly row: number;
  /** Cosine, from -1 to 1; 0 where a vector is all zeros. */
  readonly similarity: number;
}

export interface NearestOptions {
  /** How many at the most. */
  readonly count: number;
  /** Rows that are no answer. */
  readonly exclude?: ReadonlySet<number> | undefined;
  /** Only the first so many rows are: with a vocabulary sorted by falling count, the most frequent words. */
  readonly among?: number | undefined;
}

/** Finds, among all words, those whose vectors point most nearly where a given one does. */
export interface WordSearch {
  readonly vectors: WordVectors;
  /** `"exact"` compares with every word; `"approximate"` follows a graph and may miss some. */
  readonly search: "exact" | "approximate";
  /**
   * @param query float32 [dimension], of any length above 0.
   * @returns The nearest rows, best first; equal ones in the order of the rows.
   */
  nearest(query: Float32Array, options: NearestOptions): Match[];
}

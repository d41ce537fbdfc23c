import type { WordSearch } from "./wordSearch";

export interface Neighbor {
  readonly word: string;
  /** Cosine, or what the analogy's method scores by. Higher is nearer. */
  readonly score: number;
}

export interface SearchResult {
  /** Whether all words were compared with, or a graph was followed that may miss some. */
  readonly search: "exact" | "approximate";
  /** Best first. */
  readonly neighbors: readonly Neighbor[];
}

export interface NeighborsOptions {
  /** How many at the most. Default 10. */
  readonly count?: number | undefined;
  /** Only the first so many words are answers. Default: all. */
  readonly among?: number | undefined;
}

/**
 * The words whose vectors are nearest by their cosine.
 *
 * @param query A word, which is no answer itself, or a vector, float32 [dimension].
 * @throws SymgradError `E_WORD` for a word that is not in the vocabulary, naming near ones; `E_SHAPE`, `E_RANGE` for a vector
 *   of another dimension or of zeros.
 */
export function neighbors(
  search: WordSearch,
  query: string | Float32Array,
  { count = 10, among }: NeighborsOptions = {},
): SearchResult {
  const { vectors } = search;
  const isWord = typeof query === "string";
  const exclude = new Set(isWord && vectors.has(query) ? [vectors.row(query)!] : []);
  const found = search.nearest(isWord ? vectors.vector(query) : query, { count, among, exclude });
  return {
    search: search.search,
    neighbors: found.map(({ row, similarity }) => ({ word: vectors.words[row]!, score: similarity })),
  };
}

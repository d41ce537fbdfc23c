import type { WordVectors } from "../wordVectors";
import { ApproximateSearch, type ApproximateSearchOptions } from "./approximateSearch";
import { ExactSearch } from "./exactSearch";
import type { WordSearch } from "./wordSearch";

/** Up to so many words every one is compared with; beyond, a graph is followed. */
export const MOST_EXACT_WORDS = 200_000;

export interface CreateSearchOptions extends ApproximateSearchOptions {
  /** Default: exact up to {@link MOST_EXACT_WORDS} words, approximate beyond. */
  readonly search?: "exact" | "approximate" | undefined;
}

/**
 * Prepares the search for near words. Approximate search takes minutes to prepare: keep it with its `save`.
 *
 * @throws SymgradError `E_RANGE` for an option, or if there is too little memory; `E_ABORT` when `signal` aborts.
 */
export async function createSearch(
  vectors: WordVectors,
  {
    search = vectors.size > MOST_EXACT_WORDS ? "approximate" : "exact",
    ...options
  }: CreateSearchOptions = {},
): Promise<WordSearch> {
  return search === "exact" ? new ExactSearch(vectors) : ApproximateSearch.build(vectors, options);
}

import { SymgradError } from "@symgrad/core";
import { ExactSearch } from "../search/exactSearch";
import { unitVector } from "../search/unitVector";
import { WordVectors } from "../wordVectors";
import { mapPage } from "./mapPage";
import { MOST_POINTS, type TsneOptions, tsne } from "./tsne";

export interface WordMapOptions extends TsneOptions {
  /** The words to show. Default: the first `top`. */
  readonly words?: readonly string[] | undefined;
  /** How many words to show, the first and so most frequent ones, where `words` are not given. Default 1000. */
  readonly top?: number | undefined;
  /** Neighbors that each word shows, among the words of the map. Default 8. */
  readonly neighbors?: number | undefined;
  readonly title?: string | undefined;
}

/** A word on the map. */
export interface MapPoint {
  readonly word: string;
  /** From -1 to 1. */
  readonly x: number;
  readonly y: number;
  /** Points of the map by falling cosine, and the cosines. */
  readonly neighbors: readonly (readonly [point: number, similarity: number])[];
}

/**
 * Draws words as points, near ones near, as one HTML page that needs nothing else: t-SNE of the vectors' directions. The
 * same vectors, words and key give the same page.
 *
 * @returns The page.
 * @throws SymgradError `E_WORD` for a word that is not in the vocabulary; `E_RANGE` for none or too many; as {@link tsne}.
 */
export async function wordMap(
  vectors: WordVectors,
  { words, top = 1000, neighbors = 8, title = "Word map", ...options }: WordMapOptions,
): Promise<string> {
  const shown = chosenVectors(vectors, words ?? vectors.words.slice(0, top));
  const { size, dimension, values } = shown;
  const directions = new Float32Array(values.length);
  for (let row = 0; row < size; row++) {
    directions.set(
      unitVector(values.subarray(row * dimension, (row + 1) * dimension), dimension),
      row * dimension,
    );
  }
  const places = await tsne(directions, size, options);
  const widest = places.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const search = new ExactSearch(shown);
  const points: MapPoint[] = shown.words.map((word, row) => ({
    word,
    x: rounded(places[2 * row]! / widest),
    y: rounded(places[2 * row + 1]! / widest),
    neighbors: search
      .nearest(shown.vector(word), { count: neighbors, exclude: new Set([row]) })
      .map((match) => [match.row, rounded(match.similarity)] as const),
  }));
  return mapPage(points, title);
}

/** The words' rows alone, each word once. */
function chosenVectors(vectors: WordVectors, words: readonly string[]): WordVectors {
  const chosen = [...new Set(words)];
  if (chosen.length === 0 || chosen.length > MOST_POINTS) {
    throw new SymgradError(
      "E_RANGE",
      `a map of ${chosen.length} words was asked for, wanted 1 to ${MOST_POINTS}`,
      {
        where: "wordMap",
      },
    );
  }
  const { dimension } = vectors;
  const values = new Float32Array(chosen.length * dimension);
  for (const [row, word] of chosen.entries()) values.set(vectors.vector(word), row * dimension);
  return new WordVectors({ words: chosen, dimension, values });
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

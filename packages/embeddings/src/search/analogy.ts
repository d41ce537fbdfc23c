import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { ExactSearch } from "./exactSearch";
import type { NeighborsOptions, SearchResult } from "./neighbors";
import { similarity } from "./similarity";
import { topRows } from "./topRows";
import { unitVector } from "./unitVector";
import type { Match, WordSearch } from "./wordSearch";

/** "`negative` is to `positive[0]` as the answer is to `positive[1]`": man : king = woman : ? has positive king, woman. */
export interface AnalogyQuestion {
  readonly positive: readonly string[];
  readonly negative: readonly string[];
}

export interface AnalogyOptions extends NeighborsOptions {
  /**
   * `"3CosAdd"`: the cosine with the sum of the positive less the negative words' directions. `"3CosMul"`: the product of
   * the (1 + cosine) / 2 with the positive words, divided by that with the negative ones and 1e-6. Default `"3CosAdd"`.
   */
  readonly method?: "3CosAdd" | "3CosMul" | undefined;
}

const EPSILON = 1e-6;
/** So many words nearest by 3CosAdd are scored again by 3CosMul where not all can be. */
const RESCORED = 1000;

/**
 * The words that answer an analogy, best first; those of the question are no answers.
 *
 * @throws SymgradError `E_WORD` for a word that is not in the vocabulary, `E_RANGE` if no positive word is given.
 * @see Mikolov, Yih and Zweig 2013 (3CosAdd); Levy and Goldberg 2014, "Linguistic regularities in sparse and explicit
 *   word representations" (3CosMul).
 */
export function analogy(
  search: WordSearch,
  question: AnalogyQuestion,
  { method = "3CosAdd", count = 10, among }: AnalogyOptions = {},
): SearchResult {
  const { vectors } = search;
  const { positive, negative } = question;
  if (positive.length === 0) {
    throw new SymgradError("E_RANGE", "an analogy needs a positive word, got none", { where: "analogy" });
  }
  const asked = [...positive, ...negative];
  for (const word of asked) vectors.vector(word); // refuses an unknown one
  const exclude = new Set(asked.map((word) => vectors.row(word)!));
  const options = { count, among, exclude };
  let found: Match[];
  if (method === "3CosAdd") found = search.nearest(direction(vectors, question), options);
  else if (search instanceof ExactSearch) {
    found = topRows(productScores(search, question, among), count, exclude);
  } else {
    const some = search.nearest(direction(vectors, question), { ...options, count: RESCORED + count });
    found = some
      .map(({ row }) => ({ row, similarity: productScore(vectors, row, question) }))
      .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
      .slice(0, count);
  }
  return {
    search: search.search,
    neighbors: found.map(({ row, similarity }) => ({ word: vectors.words[row]!, score: similarity })),
  };
}

/** The sum of the words' directions, the negative ones' reversed. */
function direction(vectors: WordVectors, { positive, negative }: AnalogyQuestion): Float32Array {
  const { dimension } = vectors;
  const sum = new Float32Array(dimension);
  const add = (word: string, sign: number) => {
    for (const [i, value] of unitVector(vectors.vector(word), dimension).entries()) sum[i]! += sign * value;
  };
  for (const word of positive) add(word, 1);
  for (const word of negative) add(word, -1);
  return sum;
}

function productScores(
  search: ExactSearch,
  { positive, negative }: AnalogyQuestion,
  among: number | undefined,
): Float32Array {
  const { vectors } = search;
  const scores = new Float32Array(Math.min(among ?? vectors.size, vectors.size)).fill(1);
  for (const word of positive) {
    const cosines = search.similarities(vectors.vector(word), among);
    for (let row = 0; row < scores.length; row++) scores[row]! *= (1 + cosines[row]!) / 2;
  }
  const below = new Float32Array(scores.length).fill(1);
  for (const word of negative) {
    const cosines = search.similarities(vectors.vector(word), among);
    for (let row = 0; row < scores.length; row++) below[row]! *= (1 + cosines[row]!) / 2;
  }
  for (let row = 0; row < scores.length; row++) scores[row]! /= below[row]! + EPSILON;
  return scores;
}

function productScore(vectors: WordVectors, row: number, { positive, negative }: AnalogyQuestion): number {
  const { words } = vectors;
  const shifted = (word: string) => (1 + similarity(vectors, word, words[row]!)) / 2;
  const above = positive.reduce((product, word) => product * shifted(word), 1);
  return above / (negative.reduce((product, word) => product * shifted(word), 1) + EPSILON);
}

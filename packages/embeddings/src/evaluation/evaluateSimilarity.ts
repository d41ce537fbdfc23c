import { similarity } from "../search/similarity";
import type { WordVectors } from "../wordVectors";
import type { WordPair } from "./evaluationSet";
import { foldCase } from "./foldCase";
import { spearman } from "./spearman";

/** How well vectors do on a set, over what of it they know. */
export interface Score {
  /** Spearman's correlation x 100, or percent of right answers; null if nothing, or too little, is covered. */
  readonly score: number | null;
  /** Pairs or questions whose words are all known. */
  readonly covered: number;
  readonly total: number;
}

/**
 * Compares the cosines of pairs of words with people's judgments: Spearman's correlation x 100 over the pairs that are
 * covered. Upper and lower case do not differ.
 */
export function evaluateSimilarity(vectors: WordVectors, pairs: readonly WordPair[]): Score {
  const rows = foldCase(vectors.words);
  const judged: number[] = [];
  const cosines: number[] = [];
  for (const { words, score } of pairs) {
    const [a, b] = words.map((word) => rows.get(word.toLowerCase()));
    if (a === undefined || b === undefined) continue;
    judged.push(score);
    cosines.push(similarity(vectors, vectors.words[a]!, vectors.words[b]!));
  }
  const correlation = 100 * spearman(cosines, judged);
  return {
    score: Number.isNaN(correlation) ? null : correlation,
    covered: judged.length,
    total: pairs.length,
  };
}

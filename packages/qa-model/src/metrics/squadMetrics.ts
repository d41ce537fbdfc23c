import { normalizeSquadAnswer } from "./normalizeSquadAnswer";
import { pythonSplit } from "./pythonFloat";

/** Scores of one answer, each from 0 to 1. */
export interface SquadMetrics {
  exactMatch: number;
  f1: number;
}

/**
 * Scores an answer as the official SQuAD evaluators do: the best over all golds, exact match and F1 apart.
 * In version 2 golds that normalize to nothing are dropped, and with none left the question has no answer: the right
 * prediction is "". In version 1 two texts that normalize to nothing match exactly, with an F1 of 0, as in the original.
 *
 * @param golds All right texts; none in version 2 for a question without an answer. Version 1 scores 0 where there is none.
 * @see evaluate-v1.1.py and evaluate-v2.0.py of SQuAD; Rajpurkar et al. 2016, arXiv:1606.05250; 2018, arXiv:1806.03822.
 * @example squadMetrics("the Panthers", ["Panthers"], { version: 1 }); // { exactMatch: 1, f1: 1 }
 */
export function squadMetrics(
  prediction: string,
  golds: readonly string[],
  { version }: { version: 1 | 2 },
): SquadMetrics {
  const given = normalizeSquadAnswer(prediction);
  let wanted = golds.map(normalizeSquadAnswer);
  if (version === 2) {
    wanted = wanted.filter((gold) => gold !== "");
    if (wanted.length === 0) wanted = [""];
  }
  return {
    exactMatch: wanted.includes(given) ? 1 : 0,
    f1: wanted.reduce((best, gold) => Math.max(best, f1Of(given, gold, version)), 0),
  };
}

/** F1 of two normalized texts as bags of words in which repeated words count. */
function f1Of(prediction: string, gold: string, version: 1 | 2): number {
  const found = pythonSplit(prediction);
  const wanted = pythonSplit(gold);
  if (version === 2 && (found.length === 0 || wanted.length === 0))
    return found.length === wanted.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let same = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    same += 1;
  }
  if (same === 0) return 0;
  const precision = same / found.length;
  const recall = same / wanted.length;
  return (2 * precision * recall) / (precision + recall);
}

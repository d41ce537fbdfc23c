/** A question whose answer is given, or left out where much speaks against one. */
export interface ThresholdQuestion {
  /** How much speaks for no answer, on any scale. */
  noAnswer: number;
  /** Whether the passage answers it. */
  answerable: boolean;
  /** What the given text scores, from 0 to 1; of a question that nothing answers, whether it is empty. */
  score: number;
}

/**
 * The threshold with the highest mean score, where answers are given up to it and left out above. The questions are taken
 * in order of `noAnswer`, as in SQuAD 2.0's script, each moving the threshold up to itself.
 *
 * @returns The mean, and the threshold; `undefined` where it is best to answer nothing.
 * @see `find_best_thresh` in evaluate-v2.0.py of SQuAD.
 */
export function bestThreshold(questions: readonly ThresholdQuestion[]): {
  score: number;
  threshold: number | undefined;
} {
  let current = questions.filter(({ answerable }) => !answerable).length;
  let best = current;
  let threshold: number | undefined;
  for (const { noAnswer, answerable, score } of [...questions].sort((a, b) => a.noAnswer - b.noAnswer)) {
    current += answerable ? score : score - 1;
    if (current > best) {
      best = current;
      threshold = noAnswer;
    }
  }
  return { score: questions.length === 0 ? 0 : best / questions.length, threshold };
}

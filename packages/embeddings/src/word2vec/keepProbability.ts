export interface KeepProbabilityOptions {
  /** The word's share of all words, in [0, 1]. */
  readonly frequency: number;
  /** Words more frequent than about this share are thinned out; 0 keeps every word. */
  readonly threshold: number;
  /**
   * `"code"`: (sqrt(f / t) + 1) t / f, as in word2vec.c and gensim. `"paper"`: sqrt(t / f), Mikolov et al. 2013,
   * arXiv:1310.4546, eq. 5.
   */
  readonly rule: "code" | "paper";
}

/** The probability, in [0, 1], that an occurrence of a word is kept when frequent words are subsampled. */
export function keepProbability({ frequency, threshold, rule }: KeepProbabilityOptions): number {
  if (threshold === 0 || frequency === 0) return 1;
  const ratio = threshold / frequency;
  return Math.min(1, rule === "paper" ? Math.sqrt(ratio) : Math.sqrt(ratio) + ratio);
}

import { SymgradError } from "@symgrad/core";

/** word2vec.c's word for the end of a line. */
export const LINE_END_WORD = "</s>";

/** Words in the order of their rows, most frequent first, and how often each was counted. */
export class Vocabulary {
  readonly words: readonly string[];
  readonly counts: Float64Array;
  /** Sum of the counts: the words that one pass over the corpus trains on. */
  readonly total: number;

  /** @throws SymgradError `E_VOCABULARY` if there are not as many counts as words, or a word stands twice. */
  constructor(words: readonly string[], counts: ArrayLike<number>) {
    if (words.length !== counts.length) {
      throw new SymgradError("E_VOCABULARY", `there are ${words.length} words and ${counts.length} counts`);
    }
    const seen = new Set<string>();
    for (const [row, word] of words.entries()) {
      if (seen.has(word)) {
        throw new SymgradError(
          "E_VOCABULARY",
          `the word ${JSON.stringify(word)} stands twice, again in row ${row}`,
          {
            hint: "invalid UTF-8 may make two words alike: see unicodeErrors",
          },
        );
      }
      seen.add(word);
    }
    this.words = words;
    this.counts = Float64Array.from(counts);
    this.total = this.counts.reduce((sum, count) => sum + count, 0);
  }

  get size(): number {
    return this.words.length;
  }

  /** Whether row 0 stands for line ends, as in word2vec.c: they are counted and trained on as words. */
  get hasLineEnd(): boolean {
    return this.words[0] === LINE_END_WORD;
  }
}

import { SymgradError } from "@symgrad/core";
import type { Corpus } from "../corpus/corpus";
import { LINE_END_WORD, Vocabulary } from "./vocabulary";
import { type CountedWord, WordTable } from "./wordTable";

export interface VocabularyOptions {
  /** Words that occur less often are left out. Default 5. */
  readonly minCount?: number;
  /** The most words to keep, the most frequent ones. Default: all. */
  readonly maxWords?: number;
  /** Row 0 stands for line ends, as in word2vec.c. Default false, as in gensim. */
  readonly lineEnd?: boolean;
  /** Different words held while counting; beyond, the rarest are dropped, as word2vec.c does. Default 21 million. */
  readonly maxUnique?: number;
}

export interface CountHooks {
  /** Bytes read so far and words counted. */
  onProgress?(progress: { bytes: number; words: number }): void;
  signal?: AbortSignal | undefined;
}

/**
 * Counts a corpus's words: one pass, in memory that grows with the different words only. Falling count, ties by first
 * occurrence.
 *
 * @throws SymgradError `E_VOCABULARY` if no word is left; `E_FORMAT` if a word that would be kept is no UTF-8, and at a
 *   byte 0; `E_ABORT` when the signal is aborted.
 */
export async function buildVocabulary(
  corpus: Corpus,
  { minCount = 5, maxWords = Infinity, lineEnd = false, maxUnique = 21e6 }: VocabularyOptions = {},
  { onProgress, signal }: CountHooks = {},
): Promise<Vocabulary> {
  for (const [name, value] of Object.entries({ minCount, maxWords, maxUnique })) {
    if (!(value >= 1)) {
      throw new SymgradError("E_VOCABULARY", `${name} is ${value}, wanted a number from 1 on`);
    }
  }
  const table = new WordTable();
  let bytes = 0;
  let rarest = 0;
  for await (const piece of corpus.open()) {
    if (signal?.aborted) throw new SymgradError("E_ABORT", "stopped while counting words; nothing is kept");
    table.count(piece);
    while (table.unique > maxUnique) table.dropRare(++rarest);
    bytes += piece.length;
    onProgress?.({ bytes, words: table.words });
  }
  table.count(new Uint8Array(0), true);
  return choose(table, { minCount, maxWords, lineEnd, name: corpus.name });
}

type Choice = Required<Pick<VocabularyOptions, "minCount" | "maxWords" | "lineEnd">> & { name: string };

function choose(table: WordTable, { minCount, maxWords, lineEnd, name }: Choice): Vocabulary {
  const kept = [...table.entries(minCount)];
  kept.sort((a, b) => b.count - a.count); // stable: ties stay in the order of first occurrence
  if (kept.length > maxWords) kept.length = maxWords;
  const words = kept.map((entry, row) => decode(entry, row, name));
  const counts = kept.map(({ count }) => count);
  if (words.length === 0) {
    const found = `${name} holds ${table.words} words, ${table.unique} different ones`;
    throw new SymgradError("E_VOCABULARY", `${found}, and none occurs ${minCount} times`, {
      where: "buildVocabulary",
      hint: table.words === 0 ? "is it the right file?" : "lower minCount (-min-count), or use more text",
    });
  }
  if (!lineEnd) return new Vocabulary(words, counts);
  const literal = words.indexOf(LINE_END_WORD); // the text may hold the word itself: it means the same
  const ends = table.lines + (literal < 0 ? 0 : counts[literal]!);
  if (literal >= 0) for (const list of [words, counts]) list.splice(literal, 1);
  return new Vocabulary([LINE_END_WORD, ...words], [ends, ...counts]);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode({ bytes, count }: CountedWord, row: number, name: string): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const shown = JSON.stringify(new TextDecoder().decode(bytes));
    throw new SymgradError(
      "E_FORMAT",
      `${name}: the word ${shown}, counted ${count} times, is no valid UTF-8`,
      {
        where: `word ${row} of the vocabulary`,
        hint: 'convert the text (iconv -f LATIN1 -t UTF-8), or read it with unicodeErrors: "replace" (--unicode-errors replace)',
        cause,
      },
    );
  }
}

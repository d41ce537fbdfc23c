import { SymgradError } from "@symgrad/core";
import { countCooccurrences } from "../glove/countCooccurrences";
import { buildVocabulary } from "../vocabulary/buildVocabulary";
import type { Corpus } from "./corpus";
import { type MapTextOptions, mapText } from "./mapText";

export interface PhraseOptions {
  /** Words and pairs that occur less often make no phrase; also what is taken off a pair's count. Default 5. */
  readonly minCount?: number;
  /** Pairs of a larger score are phrases. Default 100. */
  readonly threshold?: number;
}

/** Words that may follow a word in a phrase, and the score of each pair. */
export type Phrases = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Finds pairs of words that stand together more often than their counts explain:
 * (count(a b) - minCount) x words / (count(a) x count(b)) > threshold.
 *
 * Pairs do not cross the end of a line; word2phrase counts those that do, though it never joins them.
 *
 * @throws SymgradError `E_RANGE` for a threshold or a minCount that is not above 0; what counting throws.
 * @see Mikolov et al. 2013, arXiv:1310.4546, eq. 6; the authors' word2phrase.c.
 */
export async function findPhrases(
  corpus: Corpus,
  { minCount = 5, threshold = 100 }: PhraseOptions = {},
  { signal }: { signal?: AbortSignal } = {},
): Promise<Phrases> {
  for (const [name, value] of Object.entries({ minCount, threshold })) {
    if (!(value > 0)) {
      throw new SymgradError("E_RANGE", `${name} is ${value}, wanted a number above 0`, {
        where: "findPhrases",
      });
    }
  }
  // Rare words are counted too: they part the words beside them.
  const vocabulary = await buildVocabulary(corpus, { minCount: 1 }, { signal });
  const { words, counts, total } = vocabulary;
  const adjacent = { windowSize: 1, symmetric: false, distanceWeighting: false };
  const pairs = await countCooccurrences(corpus, vocabulary, adjacent, { signal });
  const phrases = new Map<string, Map<string, number>>();
  try {
    for await (const piece of pairs.records()) {
      const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
      for (let at = 0; at < piece.length; at += 16) {
        const [first, second] = [view.getInt32(at, true) - 1, view.getInt32(at + 4, true) - 1];
        const [a, b] = [counts[first]!, counts[second]!];
        const score = ((view.getFloat64(at + 8, true) - minCount) / a / b) * total;
        if (a < minCount || b < minCount || !(score > threshold)) continue;
        const known = phrases.get(words[first]!) ?? new Map<string, number>();
        phrases.set(words[first]!, known.set(words[second]!, score));
      }
    }
  } finally {
    await pairs.dispose();
  }
  return phrases;
}

/** A corpus in which phrases are one word, `new_york`; from the left, two words at most. */
export function withPhrases(corpus: Corpus, phrases: Phrases, options?: MapTextOptions): Corpus {
  const join = (line: string) => {
    const joined: string[] = [];
    let previous: string | undefined;
    for (const word of line.split(/\s+/)) {
      if (word === "") continue;
      if (previous !== undefined && phrases.get(previous)?.has(word)) {
        joined[joined.length - 1] = `${previous}_${word}`;
        previous = undefined;
      } else {
        joined.push(word);
        previous = word;
      }
    }
    return joined.join(" ");
  };
  return mapText(corpus, (text) => text.split("\n").map(join).join("\n"), options);
}

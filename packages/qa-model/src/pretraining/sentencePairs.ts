import type { RandomKey } from "@symgrad/core";
import { SymgradError } from "@symgrad/core";
import { DrawStream } from "../data/drawStream";
import type { Document } from "./readDocuments";

/** One text to learn from: two parts that follow each other in a document or do not, or one part alone. */
export interface SentencePair {
  first: Int32Array;
  /** Empty without next-sentence prediction. */
  second: Int32Array;
  /** Whether the second part follows the first. */
  follows: boolean;
}

/** Draws the example that a key names. */
export type SentencePairs = (key: RandomKey) => SentencePair;

/**
 * Prepares drawing of texts of at most `maximumTokens` tokens. With `nextSentence`, two parts: in half of the examples the
 * second is what follows the first, in the others it comes from another document. Every sentence is equally likely to be
 * the first. Parts are whole sentences, but for the last one's end where there is no more room.
 *
 * @throws SymgradError `E_USAGE` if next-sentence prediction has no two documents, or none with two sentences.
 * @see Devlin et al. 2019, arXiv:1810.04805, section 3.1.
 */
export function createSentencePairs(
  documents: readonly Document[],
  { maximumTokens, nextSentence }: { maximumTokens: number; nextSentence: boolean },
): SentencePairs {
  const starts = documents.flatMap((document, number) =>
    Array.from(
      { length: nextSentence ? document.length - 1 : document.length },
      (_, sentence) => [number, sentence] as const,
    ),
  );
  if (starts.length === 0 || (nextSentence && documents.length < 2)) {
    throw new SymgradError(
      "E_USAGE",
      "predicting whether a sentence follows needs two documents, one of them with two sentences.",
      { hint: "put a blank line between documents, or leave next-sentence prediction out" },
    );
  }
  return (key) => {
    const stream = new DrawStream(key);
    const [number, from] = starts[stream.below(starts.length)]!;
    const document = documents[number]!;
    if (!nextSentence) {
      return { first: take(document, from, maximumTokens).ids, second: new Int32Array(), follows: false };
    }
    // The first part ends before the document does, so that something follows.
    const room = Math.ceil(maximumTokens / 2);
    const { ids: first, next } = take(document.slice(0, -1), from, room);
    const follows = stream.coin();
    const rest = maximumTokens - first.length;
    if (follows) return { first, second: take(document, next, rest).ids, follows };
    const other = (number + 1 + stream.below(documents.length - 1)) % documents.length;
    const elsewhere = documents[other]!;
    return { first, second: take(elsewhere, stream.below(elsewhere.length), rest).ids, follows };
  };
}

/** Sentences from `from` on, as many as fit, the first one in any case and cut where it is too long. */
function take(document: Document, from: number, room: number): { ids: Int32Array; next: number } {
  const ids: number[] = [];
  let next = from;
  while (next < document.length && (next === from || ids.length + document[next]!.length <= room)) {
    ids.push(...document[next]!.subarray(0, room - ids.length));
    next++;
  }
  return { ids: Int32Array.from(ids), next };
}

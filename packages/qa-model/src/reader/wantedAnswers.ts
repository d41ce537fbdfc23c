import { readNumber } from "../internal/readNumber";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";
import { type AnswerHead, LARGEST_COUNT } from "./answerHeads";
import { answersOf, type ReaderExample } from "./evaluateReader";

/** What each head of a reader is to say. */
export interface WantedAnswers {
  /** Texts that are right alone. */
  texts: readonly string[];
  /** Several texts that are right together, as annotators gave them. */
  lists: readonly (readonly string[])[];
  /** The number from 0 to 9 that is right. */
  count: number | undefined;
}

/** What the heads learn from an example: with the span head alone every text of every annotator. */
export function wantedAnswers(example: ReaderExample, heads: readonly AnswerHead[]): WantedAnswers {
  const golds = example.golds ?? answersOf(example).map((text) => [text]);
  const several = heads.includes("multi-span");
  const alone = golds.filter(({ length }) => length === 1).map(([text]) => text!);
  return {
    texts: several ? [...new Set(alone)] : answersOf(example),
    lists: several ? golds.filter(({ length }) => length > 1) : [],
    count: heads.includes("count") ? alone.map(readCount).find((count) => count !== undefined) : undefined,
  };
}

function readCount(text: string): number | undefined {
  const number = readNumber(text);
  const isCount = number !== undefined && /^\d$/.test(number) && Number(number) <= LARGEST_COUNT;
  return isCount ? Number(number) : undefined;
}

/**
 * Where the texts of the first list stand whose texts all do: text, start and end (inclusive) of each occurrence, in
 * triples. Occurrences do not overlap: the longer text has the token, of equal ones the earlier place.
 *
 * @param regions First and last-but-one token of question and passage.
 */
export function findOccurrences(
  ids: Int32Array,
  regions: readonly (readonly [from: number, to: number])[],
  lists: readonly (readonly string[])[],
  tokenizer: DigitTokenizer,
): Int32Array {
  for (const list of lists) {
    const texts = [...new Set(list.map((text) => tokenizer.encode(text).join()))].map((text) =>
      text === "" ? [] : text.split(",").map(Number),
    );
    const order = [...texts.keys()].sort((a, b) => texts[b]!.length - texts[a]!.length);
    const taken = new Set<number>();
    const found: [text: number, start: number, end: number][] = [];
    for (const text of order) {
      for (const [from, to] of regions) {
        const part = ids.subarray(from, to);
        for (const [start, end] of findAnswerSpans(
          part,
          texts[text]!,
          (id) => tokenizer.isContinuation(id),
          tokenizer.decimalPoint,
        )) {
          const places = Array.from({ length: end - start + 1 }, (_, i) => from + start + i);
          if (places.some((place) => taken.has(place))) continue;
          for (const place of places) taken.add(place);
          found.push([text, from + start, from + end]);
        }
      }
    }
    if (texts.every((_, text) => found.some(([which]) => which === text)))
      return Int32Array.from(found.flat());
  }
  return new Int32Array();
}

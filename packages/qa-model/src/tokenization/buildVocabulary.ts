import { SymgradError } from "@symgrad/core";
import { createCharacterReader } from "./characters";
import { DigitTokenizer } from "./digitTokenizer";
import { BERT_SPECIAL_TOKENS } from "./tokenizerJson";

/**
 * A tokenizer of text that none is at hand for: special tokens, digits, punctuation, all letters, alone and continuing a
 * word, and the most frequent words as wholes; other words are read by their letters. Of equally frequent words the
 * first in the alphabet is taken.
 *
 * @param size The most tokens.
 * @throws SymgradError `E_RANGE` if the characters alone are more.
 */
export function buildVocabulary(texts: Iterable<string>, size: number): DigitTokenizer {
  const rules = { special: BERT_SPECIAL_TOKENS, lowercase: true, stripAccents: true, maximumCharacters: 100 };
  const read = createCharacterReader(rules);
  const counts = new Map<string, number>();
  // Functions write digits and signs that the text may lack.
  const letters = new Set<string>("0123456789");
  const marks = new Set<string>("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
  const count = (word: string) => {
    if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  for (const text of texts) {
    let word = "";
    for (const character of text) {
      const { kind, text: spelled } = read(character.codePointAt(0)!);
      if (kind === "mark" || kind === "removed") continue;
      if (kind === "space" || kind === "alone") {
        count(word);
        word = "";
      }
      if (kind === "space") continue;
      for (const part of spelled) (kind === "alone" ? marks : letters).add(part);
      if (kind !== "alone") word += spelled;
    }
    count(word);
  }
  const sorted = [...letters].sort();
  const tokens = new Set([
    ...Object.values(BERT_SPECIAL_TOKENS),
    ...[...marks].sort(),
    ...sorted,
    ...sorted.map((letter) => `##${letter}`),
  ]);
  if (tokens.size > size) {
    throw new SymgradError(
      "E_RANGE",
      `a vocabulary of ${size} tokens is too small: the text's characters alone make ${tokens.size}.`,
    );
  }
  const frequent = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  for (const [word] of frequent) {
    if (tokens.size >= size) break;
    tokens.add(word);
  }
  return new DigitTokenizer({ tokens: [...tokens], ...rules }, undefined, { digits: "whole" });
}

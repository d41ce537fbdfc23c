import { SymgradError } from "@symgrad/core";
import { Vocabulary } from "./vocabulary";

/** A vocabulary as word2vec.c and GloVe write it: a word, a space and its count on each line, in UTF-8. */
export function formatVocabulary({ words, counts }: Vocabulary): Uint8Array {
  return new TextEncoder().encode(words.map((word, row) => `${word} ${counts[row]}\n`).join(""));
}

/**
 * Reads a vocabulary, in the order of its lines.
 *
 * @param name What the text is called in messages.
 * @throws SymgradError `E_FORMAT` naming the first line that is not a word and a count, `E_VOCABULARY` if a word stands
 *   twice or there is none.
 */
export function parseVocabulary(bytes: Uint8Array, name: string): Vocabulary {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SymgradError("E_FORMAT", `${name} is no valid UTF-8`, {
      hint: "convert it: iconv -f LATIN1 -t UTF-8",
      cause,
    });
  }
  const words: string[] = [];
  const counts: number[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, word, count] = /^(\S+)[ \t]+(\d+)\s*$/.exec(line) ?? [];
    if (word === undefined) {
      throw new SymgradError(
        "E_FORMAT",
        `${name} has ${JSON.stringify(line.slice(0, 80))}, wanted a word and its count`,
        {
          where: `line ${i + 1}`,
          hint: "write the file with -save-vocab, embed vocab, or GloVe's vocab_count",
        },
      );
    }
    words.push(word);
    counts.push(Number(count));
  }
  if (words.length === 0) throw new SymgradError("E_VOCABULARY", `${name} holds no words`);
  return new Vocabulary(words, counts);
}

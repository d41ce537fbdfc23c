import { SymgradError } from "@symgrad/core";
import type { Corpus } from "./corpus";

/** Characters after which a text without a line end is cut, at white space where there is some. */
const LONGEST = 1 << 20;

export interface MapTextOptions {
  /** What to do with bytes that are not UTF-8: refuse the corpus, or put U+FFFD for them. Default `"refuse"`. */
  readonly unicodeErrors?: "refuse" | "replace" | undefined;
}

/**
 * A corpus whose text goes through a function: whole lines, line ends included, a megabyte or so at a time.
 *
 * Reading throws SymgradError `E_FORMAT` at bytes that are no UTF-8.
 */
export function mapText(
  corpus: Corpus,
  map: (text: string) => string,
  { unicodeErrors = "refuse" }: MapTextOptions = {},
): Corpus {
  return {
    name: corpus.name,
    async *open() {
      const decoder = new TextDecoder("utf-8", { fatal: unicodeErrors === "refuse", ignoreBOM: true });
      const encoder = new TextEncoder();
      let rest = "";
      let position = 0;
      for await (const piece of corpus.open()) {
        rest += decode(decoder, piece, position, corpus.name);
        position += piece.length;
        const end = cut(rest);
        if (end > 0) yield encoder.encode(map(rest.slice(0, end)));
        rest = rest.slice(end);
      }
      rest += decode(decoder, undefined, position, corpus.name);
      if (rest !== "") yield encoder.encode(map(rest));
    },
  };
}

/** A corpus in lower case, by Unicode's rules. */
export function lowerCased(corpus: Corpus, options?: MapTextOptions): Corpus {
  return mapText(corpus, (text) => text.toLowerCase(), options);
}

/**
 * A corpus whose words a function finds: it is given a line without its end, and gives the words, which hold no white
 * space. A line of more than a million characters comes in parts.
 */
export function tokenized(
  corpus: Corpus,
  tokenize: (line: string) => Iterable<string>,
  options?: MapTextOptions,
): Corpus {
  const line = (text: string) => [...tokenize(text)].map(checked).join(" ");
  return mapText(corpus, (text) => text.split("\n").map(line).join("\n"), options);
}

function checked(word: string): string {
  if (word !== "" && !/\s/.test(word)) return word;
  throw new SymgradError(
    "E_FORMAT",
    `the tokenizer gave ${JSON.stringify(word)}, wanted a word without white space`,
    {
      where: "tokenized",
      hint: 'put another character for the space, such as "_"',
    },
  );
}

function cut(text: string): number {
  const line = text.lastIndexOf("\n") + 1;
  if (line > 0 || text.length < LONGEST) return line;
  return /.*\s/s.exec(text)?.[0].length ?? text.length;
}

function decode(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array | undefined,
  position: number,
  name: string,
): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (cause) {
    const end = position + (bytes?.length ?? 0);
    throw new SymgradError(
      "E_FORMAT",
      `${name} is no valid UTF-8, somewhere in bytes ${position} to ${end}`,
      {
        hint: 'convert it (iconv -f LATIN1 -t UTF-8), or read it with unicodeErrors: "replace" (--unicode-errors replace)',
        cause,
      },
    );
  }
}

import { SymgradError } from "@symgrad/core";
import { ascii } from "./ascii";

/** What C's isspace takes for white space, and the end of a C string: a word with one of these cannot be read back. */
const SEPARATOR = /[\0\t\n\v\f\r ]/;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The word in bytes `start` to `end`, which must be UTF-8 or are mended where `unicodeErrors` is `"replace"`.
 *
 * @param where Names the place in errors; called only then.
 * @throws SymgradError `E_FORMAT` for other bytes, an empty word and one with white space inside.
 */
export function decodeWord(
  bytes: Uint8Array,
  start: number,
  end: number,
  unicodeErrors: "refuse" | "replace",
  where: () => string,
): string {
  const word = decode(bytes, start, end, unicodeErrors, where);
  const problem = wordProblem(word);
  if (problem) throw new SymgradError("E_FORMAT", problem, { where: where() });
  return word;
}

/** Why no file can hold the word, as a sentence; undefined if all can. */
export function wordProblem(word: string): string | undefined {
  if (word === "") return "a word is empty";
  if (SEPARATOR.test(word)) {
    return `the word ${JSON.stringify(word)} holds white space, which separates words from numbers`;
  }
  if (/\p{Surrogate}/u.test(word)) return `the word ${JSON.stringify(word)} holds half a surrogate pair`;
  return undefined;
}

function decode(
  bytes: Uint8Array,
  start: number,
  end: number,
  unicodeErrors: "refuse" | "replace",
  where: () => string,
): string {
  let plain = true;
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) plain = false;
  if (plain) return ascii(bytes, start, end);
  const piece = bytes.subarray(start, end);
  if (unicodeErrors === "replace") return lenient.decode(piece);
  try {
    return strict.decode(piece);
  } catch (cause) {
    throw new SymgradError("E_FORMAT", `the word ${JSON.stringify(lenient.decode(piece))} is not UTF-8`, {
      where: where(),
      hint: 'pass unicodeErrors: "replace" (--unicode-errors replace) to put U+FFFD for such bytes',
      cause,
    });
  }
}

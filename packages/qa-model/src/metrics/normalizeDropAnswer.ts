import { pythonFloat, pythonFloatText, pythonSplit } from "./pythonFloat";

/** ASCII punctuation, Python's `string.punctuation`. */
export const PUNCTUATION = /[!-/:-@[-`{-~]/g;
// Python's \b: letters of any script, numerals and "_" are word characters; combining marks are not.
const WORD = String.raw`[\p{L}\p{N}_]`;
/** English articles as whole words, as Python's `\b` bounds them. */
export const ARTICLE = new RegExp(`(?<!${WORD})(?:a|an|the)(?!${WORD})`, "gu");

/**
 * Brings an answer to the form in which DROP compares it: split at blanks and hyphens, lower case, no punctuation, no
 * articles, numbers as Python prints floats ("3,591,641" is "3591641.0"). The sign of a number is lost, as in the
 * original.
 *
 * @see `_normalize_answer` in allennlp_rc/eval/drop_eval.py of allenai/allennlp-reading-comprehension at 14fc0a4.
 */
export function normalizeDropAnswer(text: string): string {
  return text
    .split(/[ -]/)
    .map(normalizePiece)
    .filter((piece) => piece !== "")
    .join(" ");
}

function normalizePiece(piece: string): string {
  const lower = piece.toLowerCase();
  const bare = pythonFloat(lower) === undefined ? lower.replace(PUNCTUATION, "") : lower;
  const value = pythonFloat(bare);
  const number = value === undefined ? bare : pythonFloatText(value);
  return pythonSplit(number.replace(ARTICLE, " ")).join(" ");
}

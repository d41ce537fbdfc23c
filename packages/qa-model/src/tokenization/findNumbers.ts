import { readNumber } from "../internal/readNumber";

/** A number as a text writes it. */
export interface FoundNumber {
  /** Exact decimal without commas, leading or trailing zeros: "-5903204", "3.5". */
  value: string;
  /** UTF-16 offset of the sign, or of the first digit (or decimal point) if there is none. */
  start: number;
  /** UTF-16 offset behind the last digit. */
  end: number;
}

// What touches a number makes it part of a word ("10th", "B2", "2½"); scripts that put no spaces between words do not.
const TOUCHING = String.raw`(?:[\p{M}\p{N}]|(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])\p{L})`;
const SIGN = String.raw`(?:(?<![^\s([{=<>~,;:/*+"'“‘«$€£¥])[-−])?`;
const GROUPED = String.raw`(?<!\d,)\d{1,3}(?:,\d{3})+(?!\d|,\d)`;
const WITHOUT_WHOLE = String.raw`(?<![^\s([{=<>~+$€£¥\-−])\.\d+(?!\.?\d)`;
const NUMBER = new RegExp(
  `(?<!${TOUCHING})(?<!\\d\\.)${SIGN}(?:(?:${GROUPED}|\\d+)(?:\\.\\d+(?!\\.?\\d))?|${WITHOUT_WHOLE})(?!${TOUCHING}|\\.\\d)`,
  "gu",
);

/**
 * Finds the numbers of a text: integers, with or without thousands commas, and decimals. A minus sign counts where
 * nothing stands before it that it could join or subtract from: "-59" and "(-5)" are negative, "1990-1995" and "x-1"
 * are not. A digit inside a word ("10th", "3.5km", "1.2.3") is no number.
 */
export function findNumbers(text: string): FoundNumber[] {
  const found: FoundNumber[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const written = match[0];
    const value = readNumber(written.replace("−", "-").replace(/^([-]?)\./, "$10."));
    if (value !== undefined) found.push({ value, start: match.index, end: match.index + written.length });
  }
  return found;
}

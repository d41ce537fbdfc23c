import { readNumber } from "../internal/readNumber";

/**
 * An answer as an exact decimal, if it is one number: "3,591,641" is "3591641", "+3.50" is "3.5". Words, units and
 * several numbers are `undefined`.
 */
export function answerAsNumber(text: string): string | undefined {
  return readNumber(text);
}

/** Whether two texts write the same number; commas and trailing zeros do not matter. Never true for other texts. */
export function isSameNumber(a: string, b: string): boolean {
  const value = readNumber(a);
  return value !== undefined && value === readNumber(b);
}

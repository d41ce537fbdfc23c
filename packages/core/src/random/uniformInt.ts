import { SymgradError } from "../errors";
import type { RandomKey } from "./randomKey";
import { WordStream } from "./wordStream";

/**
 * Integers uniform over min to maxExclusive - 1, without bias. The first numbers of a longer draw are those of a
 * shorter one.
 *
 * @returns `count` integers, in float64 so that they reach 2^53.
 * @throws SymgradError `E_RANGE` unless both bounds are safe integers, min < maxExclusive, at most 2^53 apart.
 */
export function uniformInt(key: RandomKey, count: number, min: number, maxExclusive: number): Float64Array {
  const range = maxExclusive - min;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(maxExclusive) || range < 1 || range > 2 ** 53) {
    throw new SymgradError(
      "E_RANGE",
      `uniformInt: \`min\` and \`maxExclusive\` must be integers, min < maxExclusive, got ${min} and ${maxExclusive}.`,
    );
  }
  const stream = new WordStream(key);
  return Float64Array.from({ length: count }, () => min + stream.below(range));
}

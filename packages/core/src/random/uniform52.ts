import type { RandomKey } from "./randomKey";

/**
 * Uniform numbers of 52 random bits: u = (k + 0.5) / 2^52, exact in float64 and strictly inside (0, 1), so that
 * log(u) and log(1 - u) are finite. For laws that need their tails.
 *
 * @returns `count` numbers in [2^-53, 1 - 2^-53].
 */
export function uniform52(key: RandomKey, count: number): Float64Array {
  const words = key.bits(2 * count);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const k = (words[2 * i]! >>> 12) * 2 ** 32 + words[2 * i + 1]!;
    out[i] = (k + 0.5) / 2 ** 52;
  }
  return out;
}

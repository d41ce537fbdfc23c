import type { RandomKey } from "./randomKey";
import { WordStream } from "./wordStream";

/**
 * The numbers 0 to n - 1 in an order drawn uniformly from all orders.
 *
 * @see Durstenfeld 1964, Algorithm 235 (the Fisher-Yates shuffle).
 */
export function permutation(key: RandomKey, n: number): Int32Array {
  const stream = new WordStream(key);
  const out = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    const kept = out[i]!;
    out[i] = out[j]!;
    out[j] = kept;
  }
  return out;
}

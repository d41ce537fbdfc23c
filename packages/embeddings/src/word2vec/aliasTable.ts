/** Draws from a distribution in constant time: choose a cell, then one of its two sides. */
export interface AliasTable {
  /** A draw of 32 bits below this takes the cell's own index, any other the alias: uint32 [size]. */
  readonly thresholds: Uint32Array;
  /** uint32 [size] */
  readonly aliases: Uint32Array;
}

/**
 * @param weights Not negative, not all 0; they need not sum to 1.
 * @see Walker 1977; Vose 1991, "A linear algorithm for generating random numbers with a given distribution".
 */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const size = weights.length;
  const total = Array.prototype.reduce.call<
    ArrayLike<number>,
    [(a: number, b: number) => number, number],
    number
  >(weights, (a, b) => a + b, 0);
  const scaled = Float64Array.from(weights, (weight) => (weight * size) / total);
  const thresholds = new Uint32Array(size).fill(2 ** 32 - 1);
  const aliases = Uint32Array.from({ length: size }, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (const [index, share] of scaled.entries()) (share < 1 ? small : large).push(index);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!;
    const more = large.at(-1)!;
    thresholds[less] = Math.min(2 ** 32 - 1, Math.round(scaled[less]! * 2 ** 32));
    aliases[less] = more;
    scaled[more]! -= 1 - scaled[less]!;
    if (scaled[more]! < 1) small.push(large.pop()!);
  }
  return { thresholds, aliases };
}

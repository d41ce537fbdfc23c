/** A vector of length 1 in a direction drawn uniformly; the same for the same seed. */
export function randomDirection(seed: number, length: number): Float64Array {
  const uniform = mulberry32(seed);
  const out = Float64Array.from({ length }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  });
  const norm = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
  return out.map((value) => value / norm);
}

/** Tommy Ettinger's mulberry32: small, and independent of the generators under test. In [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64-bit counters, made of additions, rotations and exclusive
 * ors alone, so the same key gives the same bits on every platform.
 *
 * @see Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3.
 */

/** Two unsigned 32-bit words. */
export type Words = readonly [number, number];

/** The constant of the key schedule, from Skein (Threefish) cut to 32 bits. */
const parity = 0x1bd11bda;

/** One block: the counter enciphered under the key. */
export function threefry(key: Words, counter: Words): Words {
  const block = new Uint32Array(2);
  fillBlocks(block, key, counter[0], counter[1]);
  return [block[0]!, block[1]!];
}

/**
 * Fills `out` with the blocks of the counters (first, high), (first + 1, high), ...; an odd last word is the first
 * half of its block, so a longer request begins with the words of a shorter one.
 */
export function fillBlocks(out: Uint32Array, key: Words, first: number, high: number): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = k0 ^ k1 ^ parity;
  for (let i = 0, counter = first; i < out.length; i += 2, counter++) {
    let a = (counter + k0) | 0;
    let b = (high + k1) | 0;
    // Rounds 1 to 4, then the first injection of the key; likewise to round 20.
    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 1) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k2) | 0;
    b = (b + k0 + 2) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k0) | 0;
    b = (b + k1 + 3) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 4) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    out[i] = a + k2;
    if (i + 1 < out.length) out[i + 1] = b + k0 + 5;
  }
}

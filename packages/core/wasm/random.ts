// The kernel of src/random, embedded in src/random/randomWasm.ts by scripts/build-wasm.mjs.
import { fillGumbel } from "./gumbel";
import { fillBlocks } from "./threefry";
import { setState } from "./xoshiro";

/** Blocks computed at a time; twice as many words. */
const CHUNK: i32 = 4096;
export const chunk: i32 = CHUNK;
/** Addresses of the words and of the Gumbel numbers of a chunk. */
export const words: usize = memory.data(CHUNK << 3, 16);
export const numbers: usize = memory.data(CHUNK << 2, 16);

/** Writes blocks, at most a chunk, to `words`. */
export function bits(k0: i32, k1: i32, first: i32, high: i32, blocks: i32): void {
  fillBlocks(words, k0, k1, first, high, blocks);
}

/** Makes the first blocks the state of the generators. */
export function seed(k0: i32, k1: i32, high: i32): void {
  fillBlocks(words, k0, k1, 0, high, 8);
  setState(words);
}

/** Writes the generators' next Gumbel numbers, at most a chunk, to `numbers`. */
export function gumbel(count: i32): void {
  fillGumbel(numbers, count);
}

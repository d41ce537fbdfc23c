import { randomKernel } from "./randomKernel";
import { forState, type RandomKey } from "./randomKey";
import { fillBlocks } from "./threefry";
import { fillXoshiro } from "./xoshiro";

/**
 * Gumbel(0, 1) numbers as plain data: g = -log(-log u), where u is a random word divided by 2^32; within 2^-8 of 0 or 1,
 * where float32 tells more apart than that, 20 further bits follow and u = (k + 0.5) / 2^52. So u is never 0 or 1, and g
 * lies in [-3.61, 36.74]. Computed in single precision without loss in either tail: within 4e-7 of the exact value,
 * relative to max(1, |g|), and the same float32 on every platform.
 *
 * @param out Filled and returned; as long as `count`. Default: a new array.
 */
export function gumbelData(
  key: RandomKey,
  count: number,
  out: Float32Array = new Float32Array(count),
): Float32Array {
  const words = key.words();
  const kernel = randomKernel();
  if (kernel !== undefined) {
    kernel.gumbel(out, words, forState);
    return out;
  }
  const state = new Uint32Array(16);
  fillBlocks(state, words, 0, forState);
  fillGumbel(out, (next) => fillXoshiro(next, state));
  return out;
}

/** Below this distance from an end, in units of 2^-32, a word alone is coarser than float32. */
const COARSE = 2 ** 24;
/** Single precision is what Math.fround makes of each step: so this scalar code and the kernel agree to the last bit. */
const round = Math.fround;

/** @param next Fills an array with the next four words. If one of them is near an end, four further words follow. */
export function fillGumbel(out: Float32Array, next: (words: Uint32Array) => void): void {
  const [words, further] = [new Uint32Array(4), new Uint32Array(4)];
  for (let at = 0; at < out.length; at += 4) {
    next(words);
    if (words.some((word) => Math.min(word, ~word >>> 0) < COARSE)) next(further);
    const size = Math.min(4, out.length - at);
    for (let i = 0; i < size; i++) out[at + i] = gumbelOf(words[i]!, further[i]!);
  }
}

/**
 * -log u keeps its relative precision where u is near 1, because there it is computed from 1 - u, which the words give
 * without rounding; and an error of it relative to its size is one of g in absolute terms.
 */
function gumbelOf(word: number, further: number): number {
  const upper = word >= 2 ** 31; // u above one half
  const flip = upper ? -1 : 0;
  const k = word ^ flip; // v = min(u, 1 - u) is k / 2^32
  let v = round(round(k) * 2 ** -32);
  if (k < COARSE) v = round(round(k * 2 ** 20 + ((further ^ flip) >>> 12) + 0.5) * 2 ** -52);
  if (!upper) return minusLog(minusLog(v));
  if (v > round(0.29289323)) return minusLog(minusLogOf(-1, round(1 - round(v + v))));
  return minusLog(minusLogOf(0, -v));
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** -log x, for x > 0 and no subnormal: with x = 2^exponent (1 + f), 1 + f from sqrt(1/2) to sqrt(2). */
function minusLog(x: number): number {
  float[0] = x;
  const exponent = (bits[0]! - 0x3f3504f3) >> 23; // the bits of sqrt(1/2)
  bits[0] = bits[0]! - (exponent << 23);
  return minusLogOf(exponent, round(float[0] - 1));
}

// log(1 + f) = s (2 + z R(z)) with s = f / (2 + f), z = s^2: the minimax R for 1 + f from sqrt(1/2) to sqrt(2), within
// 8e-10 of the logarithm, relative to it.
const r0 = round(0.66666776);
const r1 = round(0.39977542);
const r2 = round(0.29871738);
const ln2 = round(0.69314718246);

/** -(exponent ln 2 + log(1 + f)) */
function minusLogOf(exponent: number, f: number): number {
  const s = round(f / round(2 + f));
  const square = round(s * s);
  let r = round(square * r2);
  r = round(square * round(r1 + r));
  r = round(square * round(r0 + r));
  return -round(round(exponent * ln2) + round(s * round(2 + r)));
}

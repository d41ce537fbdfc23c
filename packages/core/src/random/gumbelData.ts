import { randomKernel } from "./randomKernel";
import { forBits, type RandomKey } from "./randomKey";

/**
 * Gumbel(0, 1) numbers as plain data: g = -log(-log u), with u = (k + 0.5) / 2^52 from 52 bits of the key's stream, the
 * u of {@link uniform52}. u is never 0 or 1, so g lies in [-3.61, 36.74]. Computed in single precision without loss
 * in either tail: within 4e-7 of the exact value, relative to max(1, |g|), and the same float32 on every platform.
 */
export function gumbelData(key: RandomKey, count: number): Float32Array {
  const out = new Float32Array(count);
  const kernel = randomKernel();
  if (kernel === undefined) return gumbelOfWords(key.bits(2 * count));
  const words = key.words();
  for (let at = 0; at < count; at += kernel.chunk) {
    const size = Math.min(kernel.chunk, count - at);
    out.set(kernel.gumbel(words, at, forBits, size), at);
  }
  return out;
}

/** Single precision is what Math.fround makes of each step: so this scalar code and the kernel agree to the last bit. */
const round = Math.fround;

/**
 * One number for each two words.
 *
 * -log u keeps its relative precision where u is near 1, because there it is computed from 1 - u, which the words give
 * without rounding; and an error of it relative to its size is one of g in absolute terms.
 */
export function gumbelOfWords(words: Uint32Array): Float32Array {
  const out = new Float32Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const upper = words[2 * i]! >= 2 ** 31; // u above one half
    const flip = upper ? -1 : 0;
    const high = (words[2 * i]! ^ flip) >>> 12;
    const low = (words[2 * i + 1]! ^ flip) >>> 0;
    // v = min(u, 1 - u)
    const v = round(round(high * 2 ** 32 + round(round(low) + 0.5)) * 2 ** -52);
    if (!upper) out[i] = minusLog(minusLog(v));
    else if (v > round(0.29289323)) out[i] = minusLog(minusLogOf(-1, round(1 - round(v + v))));
    else out[i] = minusLog(minusLogOf(0, -v));
  }
  return out;
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

// log(1 + f) = f - f^2 / 2 + f^3 P(f): the coefficients of logf in Moshier's Cephes library.
const polynomial = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(round);
// ln 2 in two parts: every whole multiple of the first up to 2^15 is exact.
const ln2High = 0.693359375;
const ln2Low = round(-2.1219444e-4);

/** -(exponent ln 2 + log(1 + f)) */
function minusLogOf(exponent: number, f: number): number {
  const square = round(f * f);
  let p = polynomial[0]!;
  for (let i = 1; i < polynomial.length; i++) p = round(round(p * f) + polynomial[i]!);
  const cubic = round(round(p * f) * square);
  const tail = round(round(cubic - round(square * 0.5)) + round(exponent * ln2Low));
  return -round(round(tail + f) + exponent * ln2High);
}

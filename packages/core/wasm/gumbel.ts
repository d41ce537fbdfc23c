// Four Gumbel numbers at a time in single precision; what is computed is described in src/random/gumbelData.ts, whose
// scalar code makes the same numbers, bit for bit.

// The logarithm's polynomial, Cephes logf: log(1 + f) = f - f^2 / 2 + f^3 P(f) for f in (sqrt(1/2) - 1, sqrt(2) - 1).
const P0: f32 = 7.0376836292e-2;
const P1: f32 = -1.151461031e-1;
const P2: f32 = 1.167699874e-1;
const P3: f32 = -1.2420140846e-1;
const P4: f32 = 1.4249322787e-1;
const P5: f32 = -1.6668057665e-1;
const P6: f32 = 2.0000714765e-1;
const P7: f32 = -2.4999993993e-1;
const P8: f32 = 3.3333331174e-1;
// ln 2 in two parts: any whole multiple of the first up to 2^15 is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

function step(sum: v128, f: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, f), f32x4.splat(coefficient));
}

/** -(exponent * ln 2 + log(1 + f)) */
function minusLog(exponent: v128, f: v128): v128 {
  const square = f32x4.mul(f, f);
  let p = f32x4.splat(P0);
  p = step(p, f, P1);
  p = step(p, f, P2);
  p = step(p, f, P3);
  p = step(p, f, P4);
  p = step(p, f, P5);
  p = step(p, f, P6);
  p = step(p, f, P7);
  p = step(p, f, P8);
  const cubic = f32x4.mul(f32x4.mul(p, f), square);
  const tail = f32x4.add(
    f32x4.sub(cubic, f32x4.mul(square, f32x4.splat(0.5))),
    f32x4.mul(exponent, f32x4.splat(LN2_LOW)),
  );
  return f32x4.neg(f32x4.add(f32x4.add(tail, f), f32x4.mul(exponent, f32x4.splat(LN2_HIGH))));
}

/** Turns words, two for each number, into Gumbel numbers from `out` on, `count` rounded up to whole fours. */
export function gumbelOfWords(out: usize, words: usize, count: i32): void {
  const sqrtHalf = i32x4.splat(0x3f3504f3); // the bits of sqrt(1/2)
  const one = f32x4.splat(1);
  const end = out + (count << 2);
  for (let at = out; at < end; at += 16, words += 32) {
    const left = v128.load(words);
    const right = v128.load(words, 16);
    const high = i32x4.shuffle(left, right, 0, 2, 4, 6);
    const low = i32x4.shuffle(left, right, 1, 3, 5, 7);
    // v = min(u, 1 - u) = (k + 0.5) / 2^52; all bits of the words are flipped where u is above one half.
    const upper = i32x4.shr_s(high, 31);
    const k1 = i32x4.shr_u(v128.xor(high, upper), 12);
    const k0 = v128.xor(low, upper);
    const v = f32x4.mul(
      f32x4.add(
        f32x4.mul(f32x4.convert_i32x4_s(k1), f32x4.splat(4294967296)),
        f32x4.add(f32x4.convert_i32x4_u(k0), f32x4.splat(0.5)),
      ),
      f32x4.splat(2.220446049250313e-16),
    );
    // u below one half: u = v = 2^e m. Above: u = 1 - v, or 2 (1 - v) / 2 where that is nearer to 1.
    const shifted = i32x4.sub(v, sqrtHalf);
    const e = i32x4.shr_s(shifted, 23);
    const m = i32x4.sub(v, i32x4.shl(e, 23));
    const far = f32x4.gt(v, f32x4.splat(0.29289323));
    const near = v128.bitselect(f32x4.sub(one, f32x4.add(v, v)), f32x4.neg(v), far);
    const f = v128.bitselect(near, f32x4.sub(m, one), upper);
    const exponent = v128.bitselect(far, e, upper); // true lanes are -1
    const rate = minusLog(f32x4.convert_i32x4_s(exponent), f);
    const rateShifted = i32x4.sub(rate, sqrtHalf);
    const rateE = i32x4.shr_s(rateShifted, 23);
    const rateM = i32x4.sub(rate, i32x4.shl(rateE, 23));
    v128.store(at, minusLog(f32x4.convert_i32x4_s(rateE), f32x4.sub(rateM, one)));
  }
}

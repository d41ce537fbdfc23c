// Four Gumbel numbers at a time in single precision; what is computed is described in src/random/gumbelData.ts, whose
// scalar code makes the same numbers, bit for bit.
import { nextWords } from "./xoshiro";

// log(1 + f) = s (2 + z R(z)) with s = f / (2 + f), z = s^2: the minimax R for 1 + f from sqrt(1/2) to sqrt(2).
const R0: f32 = 0.66666776;
const R1: f32 = 0.39977542;
const R2: f32 = 0.29871738;
const LN2: f32 = 0.69314718246;
const SQRT_HALF: i32 = 0x3f3504f3; // its bits

function step(square: v128, coefficient: f32, rest: v128): v128 {
  return f32x4.mul(square, f32x4.add(f32x4.splat(coefficient), rest));
}

/** -(exponent ln 2 + log(1 + f)) */
function minusLog(exponent: v128, f: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f32x4.splat(2), f));
  const square = f32x4.mul(s, s);
  let r = f32x4.mul(square, f32x4.splat(R2));
  r = step(square, R1, r);
  r = step(square, R0, r);
  const log = f32x4.mul(s, f32x4.add(f32x4.splat(2), r));
  return f32x4.neg(f32x4.add(f32x4.mul(exponent, f32x4.splat(LN2)), log));
}

/** Writes the generators' next Gumbel numbers from `out` on, `count` rounded up to whole fours. */
export function fillGumbel(out: usize, count: i32): void {
  const sqrtHalf = i32x4.splat(SQRT_HALF);
  const one = f32x4.splat(1);
  const end = out + (count << 2);
  for (let at = out; at < end; at += 16) {
    const word = nextWords();
    const upper = i32x4.shr_s(word, 31);
    const k = v128.xor(word, upper); // v = min(u, 1 - u) is k / 2^32
    let v = f32x4.mul(f32x4.convert_i32x4_s(k), f32x4.splat(2.3283064365386963e-10));
    const coarse = i32x4.lt_s(k, i32x4.splat(1 << 24));
    if (v128.any_true(coarse)) {
      const digits = i32x4.shr_u(v128.xor(nextWords(), upper), 12);
      const whole = f32x4.mul(f32x4.convert_i32x4_s(k), f32x4.splat(1048576));
      const part = f32x4.add(f32x4.convert_i32x4_s(digits), f32x4.splat(0.5));
      v = v128.bitselect(f32x4.mul(f32x4.add(whole, part), f32x4.splat(2.220446049250313e-16)), v, coarse);
    }
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

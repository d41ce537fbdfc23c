// Four xoshiro128++ generators, a lane each: those of src/random/xoshiro.ts, which also says where they come from.

let s0: v128 = i32x4.splat(0);
let s1: v128 = i32x4.splat(0);
let s2: v128 = i32x4.splat(0);
let s3: v128 = i32x4.splat(0);

/** Takes the 16 words at `from` as the generators' state. */
export function setState(from: usize): void {
  s0 = v128.load(from);
  s1 = v128.load(from, 16);
  s2 = v128.load(from, 32);
  s3 = v128.load(from, 48);
}

/** The next word of each. */
export function nextWords(): v128 {
  const sum = i32x4.add(s0, s3);
  const words = i32x4.add(v128.or(i32x4.shl(sum, 7), i32x4.shr_u(sum, 25)), s0);
  const shifted = i32x4.shl(s1, 9);
  s2 = v128.xor(s2, s0);
  s3 = v128.xor(s3, s1);
  s1 = v128.xor(s1, s2);
  s0 = v128.xor(s0, s3);
  s2 = v128.xor(s2, shifted);
  s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
  return words;
}

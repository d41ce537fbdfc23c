// Four blocks of Threefry-2x32-20 at a time: the lanes are four consecutive counters. The rounds and the constants are
// those of src/random/threefry.ts, which also says where they come from.

const PARITY: i32 = 0x1bd11bda;

function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** Writes the blocks of the counters (first, high), (first + 1, high), ... from `out` on, `blocks` rounded up to whole fours. */
export function fillBlocks(out: usize, k0: i32, k1: i32, first: i32, high: i32, blocks: i32): void {
  const k2 = k0 ^ k1 ^ PARITY;
  const end = out + (blocks << 3);
  let counters = i32x4.add(i32x4.splat(first + k0), i32x4(0, 1, 2, 3));
  const start = i32x4.splat(high + k1);
  for (let at = out; at < end; at += 32) {
    let a = counters;
    let b = start;
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 13), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 15), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 26), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 6), a);
    a = i32x4.add(a, i32x4.splat(k1));
    b = i32x4.add(b, i32x4.splat(k2 + 1));

    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 17), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 29), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 16), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 24), a);
    a = i32x4.add(a, i32x4.splat(k2));
    b = i32x4.add(b, i32x4.splat(k0 + 2));

    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 13), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 15), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 26), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 6), a);
    a = i32x4.add(a, i32x4.splat(k0));
    b = i32x4.add(b, i32x4.splat(k1 + 3));

    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 17), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 29), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 16), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 24), a);
    a = i32x4.add(a, i32x4.splat(k1));
    b = i32x4.add(b, i32x4.splat(k2 + 4));

    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 13), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 15), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 26), a);
    a = i32x4.add(a, b);
    b = v128.xor(rotate(b, 6), a);
    a = i32x4.add(a, i32x4.splat(k2));
    b = i32x4.add(b, i32x4.splat(k0 + 5));

    v128.store(at, i32x4.shuffle(a, b, 0, 4, 1, 5));
    v128.store(at, i32x4.shuffle(a, b, 2, 6, 3, 7), 16);
    counters = i32x4.add(counters, i32x4.splat(4));
  }
}

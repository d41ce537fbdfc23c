// The kernel of src/search/exactIndex.ts, embedded in src/search/exactWasm.ts by scripts/build-wasm.mjs. Rows are
// float32, `stride` of them each, a multiple of 4; what pads a row is 0.

/** Where the memory that the caller lays out begins. */
export const start: usize = (__heap_base + 63) & ~63;

/** Divides each row by its length; a row of zeros stays. */
export function normalize(rows: usize, count: i32, stride: i32): void {
  const bytes = stride << 2;
  for (let end = rows + <usize>count * bytes; rows < end; rows += bytes) {
    let sum: f64 = 0;
    for (let at = rows; at < rows + bytes; at += 4) {
      const value = <f64>load<f32>(at);
      sum += value * value;
    }
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let at = rows; at < rows + bytes; at += 4) store<f32>(at, <f32>(<f64>load<f32>(at) * scale));
  }
}

/** scores[i] = row i times the query, for `count` rows. */
export function products(rows: usize, count: i32, stride: i32, query: usize, scores: usize): void {
  const bytes = <usize>(stride << 2);
  const whole = bytes & ~31;
  for (let row = 0; row < count; row++, rows += bytes, scores += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let at: usize = 0;
    for (; at < whole; at += 32) {
      a = f32x4.add(a, f32x4.mul(v128.load(rows + at), v128.load(query + at)));
      b = f32x4.add(b, f32x4.mul(v128.load(rows + at, 16), v128.load(query + at, 16)));
    }
    if (at < bytes) a = f32x4.add(a, f32x4.mul(v128.load(rows + at), v128.load(query + at)));
    const sum = f32x4.add(a, b);
    store<f32>(
      scores,
      f32x4.extract_lane(sum, 0) +
        f32x4.extract_lane(sum, 1) +
        (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)),
    );
  }
}

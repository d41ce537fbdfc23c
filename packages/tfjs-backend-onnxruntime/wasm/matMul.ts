// The kernel of src/eager/plain/matMul.ts, embedded in matMulWasm.ts by scripts/build-wasm.mjs.

/** Numbers that fit in `numbers`; the factors and their product lie there one after the other. */
const CAPACITY: i32 = 1 << 18;
export const capacity: i32 = CAPACITY;
export const numbers: usize = memory.data(CAPACITY << 2, 16);

/** Writes the transpose of a [rows, columns] matrix. */
export function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const step = (<usize>rows) << 2;
  for (let row = 0; row < rows; row++) {
    let at = to + ((<usize>row) << 2);
    for (let column = 0; column < columns; column++) {
      store<f32>(at, load<f32>(from));
      from += 4;
      at += step;
    }
  }
}

/** c = a b, with a [rows, inner], b [inner, columns] and c [rows, columns]. */
export function multiply(a: usize, b: usize, c: usize, rows: i32, inner: i32, columns: i32): void {
  const aStep = (<usize>inner) << 2;
  const cStep = (<usize>columns) << 2;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    fourRows(a, aStep, b, c, cStep, inner, columns);
    a += aStep << 2;
    c += cStep << 2;
  }
  for (; row < rows; row++) {
    oneRow(a, b, c, cStep, inner, columns);
    a += aStep;
    c += cStep;
  }
}

/** Four rows of c, eight columns at a time, whose sums stay in registers. */
function fourRows(a: usize, aStep: usize, b: usize, c: usize, step: usize, inner: i32, columns: i32): void {
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    let from = a;
    let to = b + ((<usize>column) << 2);
    for (let k = 0; k < inner; k++) {
      const b0 = v128.load(to);
      const b1 = v128.load(to, 16);
      const a0 = v128.load32_splat(from);
      c00 = f32x4.add(c00, f32x4.mul(a0, b0));
      c01 = f32x4.add(c01, f32x4.mul(a0, b1));
      const a1 = v128.load32_splat(from + aStep);
      c10 = f32x4.add(c10, f32x4.mul(a1, b0));
      c11 = f32x4.add(c11, f32x4.mul(a1, b1));
      const a2 = v128.load32_splat(from + 2 * aStep);
      c20 = f32x4.add(c20, f32x4.mul(a2, b0));
      c21 = f32x4.add(c21, f32x4.mul(a2, b1));
      const a3 = v128.load32_splat(from + 3 * aStep);
      c30 = f32x4.add(c30, f32x4.mul(a3, b0));
      c31 = f32x4.add(c31, f32x4.mul(a3, b1));
      from += 4;
      to += step;
    }
    const at = c + ((<usize>column) << 2);
    v128.store(at, c00);
    v128.store(at, c01, 16);
    v128.store(at + step, c10);
    v128.store(at + step, c11, 16);
    v128.store(at + 2 * step, c20);
    v128.store(at + 2 * step, c21, 16);
    v128.store(at + 3 * step, c30);
    v128.store(at + 3 * step, c31, 16);
  }
  for (let row = 0; row < 4; row++) {
    lastColumns(a + row * aStep, b, c + row * step, step, inner, columns, column);
  }
}

/** One row of c, eight columns at a time. */
function oneRow(a: usize, b: usize, c: usize, step: usize, inner: i32, columns: i32): void {
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    let c0 = f32x4.splat(0);
    let c1 = c0;
    let from = a;
    let to = b + ((<usize>column) << 2);
    for (let k = 0; k < inner; k++) {
      const factor = v128.load32_splat(from);
      c0 = f32x4.add(c0, f32x4.mul(factor, v128.load(to)));
      c1 = f32x4.add(c1, f32x4.mul(factor, v128.load(to, 16)));
      from += 4;
      to += step;
    }
    const at = c + ((<usize>column) << 2);
    v128.store(at, c0);
    v128.store(at, c1, 16);
  }
  lastColumns(a, b, c, step, inner, columns, column);
}

/** The columns from `column` on of one row: one of four if there are as many, then one by one. */
function lastColumns(a: usize, b: usize, c: usize, step: usize, inner: i32, columns: i32, column: i32): void {
  if (column + 4 <= columns) {
    let sum = f32x4.splat(0);
    let to = b + ((<usize>column) << 2);
    for (let k = 0; k < inner; k++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a + ((<usize>k) << 2)), v128.load(to)));
      to += step;
    }
    v128.store(c + ((<usize>column) << 2), sum);
    column += 4;
  }
  for (; column < columns; column++) {
    let sum: f32 = 0;
    let to = b + ((<usize>column) << 2);
    for (let k = 0; k < inner; k++) {
      sum += load<f32>(a + ((<usize>k) << 2)) * load<f32>(to);
      to += step;
    }
    store<f32>(c + ((<usize>column) << 2), sum);
  }
}

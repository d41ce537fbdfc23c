import fc from "fast-check";

/** Seeds of the generators under test. */
export const seeds = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** Small sizes of an axis, 1 included. */
export const sizes = (max = 5): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** Finite float32 numbers in [min, max], `length` of them. */
export function floats(length: number, { min = -2, max = 2 } = {}): fc.Arbitrary<Float32Array> {
  return fc.float32Array({ min, max, noNaN: true, minLength: length, maxLength: length });
}

/** Rows of ones and then zeros, as padding makes them: each row has `1` to `tokens` ones. */
export function paddingMasks(batch: number, tokens: number): fc.Arbitrary<number[][]> {
  const row = fc
    .integer({ min: 1, max: tokens })
    .map((real) => Array.from({ length: tokens }, (_, i) => (i < real ? 1 : 0)));
  return fc.array(row, { minLength: batch, maxLength: batch });
}

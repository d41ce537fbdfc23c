/**
 * The mean as numpy computes it, to the last bit, so that a mean on the border between two roundings goes the same way.
 *
 * @see `pairwise_sum` in numpy/_core/src/umath/loops_utils.h.src.
 */
export function numpyMean(values: readonly number[]): number {
  return pairwiseSum(values, 0, values.length) / values.length;
}

function pairwiseSum(values: readonly number[], start: number, count: number): number {
  if (count < 8) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[start + i]!;
    return sum;
  }
  if (count <= 128) {
    const parts = values.slice(start, start + 8);
    const whole = count - (count % 8);
    for (let i = 8; i < whole; i++) parts[i % 8]! += values[start + i]!;
    const [a, b, c, d, e, f, g, h] = parts as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    let sum = a + b + (c + d) + (e + f + (g + h));
    for (let i = whole; i < count; i++) sum += values[start + i]!;
    return sum;
  }
  let half = Math.floor(count / 2);
  half -= half % 8;
  return pairwiseSum(values, start, half) + pairwiseSum(values, start + half, count - half);
}

/** The places of values (scores, probabilities) from the largest down, of equal ones the lowest place first. */
export function ranked(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((i, j) => values[j]! - values[i]! || i - j);
}

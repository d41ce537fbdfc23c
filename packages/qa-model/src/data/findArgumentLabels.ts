/**
 * The pairs of numbers whose sum or difference is `answer`, by exhaustive search: the labels of the argument loss.
 *
 * @param numbers Integers below 2^52.
 * @returns Pairs of positions i < j, in order.
 */
export function findArgumentLabels(numbers: readonly number[], answer: number): [number, number][] {
  const labels: [number, number][] = [];
  for (let i = 0; i < numbers.length; i++) {
    for (let j = i + 1; j < numbers.length; j++) {
      const a = numbers[i]!;
      const b = numbers[j]!;
      if (a + b === answer || a - b === answer || b - a === answer) labels.push([i, j]);
    }
  }
  return labels;
}

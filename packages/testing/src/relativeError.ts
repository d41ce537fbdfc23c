/**
 * max |actual - expected| / max |expected|: the error in units of the largest expected element. 0 if all agree, also
 * where all are zero; infinite if an element is not finite, unless both are the same infinity.
 *
 * @throws RangeError if the lengths differ.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`relativeError: ${actual.length} elements, expected ${expected.length}`);
  }
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e) {
      if (Number.isFinite(e)) size = Math.max(size, Math.abs(e));
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - e));
    size = Math.max(size, Math.abs(e));
  }
  return difference === 0 ? 0 : difference / size;
}

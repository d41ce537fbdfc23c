import { SymgradError } from "@symgrad/core";

/**
 * The vector divided by its length, in double precision and then rounded.
 *
 * @throws SymgradError `E_SHAPE` for another dimension, `E_RANGE` if it is all zeros or not finite.
 */
export function unitVector(vector: Float32Array, dimension: number): Float32Array {
  if (vector.length !== dimension) {
    throw new SymgradError("E_SHAPE", `the vector has ${vector.length} numbers, wanted ${dimension}`);
  }
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
    throw new SymgradError("E_RANGE", "the vector has no direction: it is all zeros or not finite");
  }
  const scale = 1 / Math.sqrt(sum);
  return vector.map((value) => value * scale);
}

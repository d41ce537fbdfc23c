import { hostTensor } from "@symgrad/tfjs-backend-onnxruntime";
import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { elementCount } from "./elementCount";
import type { RandomKey } from "./randomKey";

export interface UniformOptions {
  /** Lower bound, inclusive. Default 0. */
  min?: number;
  /** Upper bound, exclusive. Default 1. */
  max?: number;
}

/**
 * Draws from the uniform distribution over [min, max). Drawn anew at every run of a traced function.
 *
 * @returns float32 of the given shape. The caller disposes it.
 * @throws SymgradError `E_RANGE` unless min and max are finite and min < max.
 */
export function uniform(key: RandomKey, shape: number[], options: UniformOptions = {}): tf.Tensor {
  const { min = 0, max = 1 } = options;
  if (!Number.isFinite(min) || !Number.isFinite(max) || !(min < max)) {
    throw new SymgradError("E_RANGE", `uniform: \`min\` must be below \`max\`, got [${min}, ${max}).`);
  }
  const count = elementCount(shape);
  return hostTensor(shape, "float32", () => uniformData(key, count, min, max));
}

/** The numbers of {@link uniform} as plain data: 24 random bits each. */
export function uniformData(key: RandomKey, count: number, min: number, max: number): Float32Array {
  const words = key.bits(count);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = Math.fround(min + (max - min) * ((words[i]! >>> 8) / 2 ** 24));
    out[i] = value < max ? value : min; // rounding to float32 may reach max
  }
  return out;
}

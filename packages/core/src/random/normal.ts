import { hostTensor } from "@symgrad/tfjs-backend-onnxruntime";
import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { elementCount } from "./elementCount";
import type { RandomKey } from "./randomKey";

export interface NormalOptions {
  /** Default 0. */
  mean?: number;
  /** At least 0. Default 1. */
  standardDeviation?: number;
}

/**
 * Draws from the normal distribution. Drawn anew at every run of a traced function.
 *
 * @returns float32 of the given shape, within 6.8 standard deviations of the mean. The caller disposes it.
 * @throws SymgradError `E_RANGE` if the standard deviation is negative or either option is not finite.
 */
export function normal(key: RandomKey, shape: number[], options: NormalOptions = {}): tf.Tensor {
  const { mean = 0, standardDeviation = 1 } = options;
  if (!Number.isFinite(mean) || !Number.isFinite(standardDeviation) || standardDeviation < 0) {
    throw new SymgradError(
      "E_RANGE",
      `normal: \`mean\` must be finite and \`standardDeviation\` at least 0, got ${mean} and ${standardDeviation}.`,
    );
  }
  const count = elementCount(shape);
  return hostTensor(shape, "float32", () => normalData(key, count, mean, standardDeviation));
}

/**
 * The numbers of {@link normal} as plain data.
 *
 * @see Box and Muller 1958, "A note on the generation of random normal deviates".
 */
export function normalData(key: RandomKey, count: number, mean = 0, standardDeviation = 1): Float32Array {
  const words = key.bits(count + (count % 2));
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = standardDeviation * Math.sqrt(-2 * Math.log((words[i]! + 0.5) / 2 ** 32));
    const angle = 2 * Math.PI * (words[i + 1]! / 2 ** 32);
    out[i] = mean + radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = mean + radius * Math.sin(angle);
  }
  return out;
}

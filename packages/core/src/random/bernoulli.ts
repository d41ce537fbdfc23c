import { hostTensor } from "@symgrad/tfjs-backend-onnxruntime";
import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { elementCount } from "./elementCount";
import type { RandomKey } from "./randomKey";

/**
 * Draws ones with probability `p` and zeros otherwise. Drawn anew at every run of a traced function.
 *
 * @param p In [0, 1]; exact to 2^-33.
 * @returns float32 of the given shape, each element 0 or 1. The caller disposes it.
 * @throws SymgradError `E_RANGE` if `p` is not in [0, 1].
 */
export function bernoulli(key: RandomKey, shape: number[], p: number): tf.Tensor {
  if (!(p >= 0 && p <= 1)) throw new SymgradError("E_RANGE", `bernoulli: \`p\` must be in [0, 1], got ${p}.`);
  const count = elementCount(shape);
  return hostTensor(shape, "float32", () => bernoulliData(key, count, p, 1));
}

/** As plain data; ones are written as `one`, so that dropout's scale costs no further pass. */
export function bernoulliData(key: RandomKey, count: number, p: number, one: number): Float32Array {
  const words = key.bits(count);
  const threshold = Math.round(p * 2 ** 32);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = words[i]! < threshold ? one : 0;
  return out;
}

import { gumbelData, hostTensor, type RandomKey } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import { elementCount } from "../internal/elementCount";

/**
 * Draws from Gumbel(0, 1): g = -log(-log u), with u of 32 random bits and, near 0 and 1, the midpoint of one of 2^52
 * equal cells of (0, 1). A midpoint is never 0 or 1, so g is never infinite: it lies in [-3.60, 36.74]. (In single
 * precision u rounds to 1 about once in 36 million draws, and so does a 53-bit midpoint in double precision.)
 *
 * Inside a traced function the noise is a graph input, drawn anew at every run.
 *
 * @param key The same key gives the same noise on every platform.
 * @param shape Any shape.
 * @returns float32 of that shape. The caller disposes it.
 * @see Gumbel 1954, "Statistical theory of extreme values"; Maddison, Tarlow and Minka 2014, arXiv:1411.0030.
 * @example gumbelNoise(key(0), [2, 3]).shape; // [2, 3]
 */
export function gumbelNoise(key: RandomKey, shape: number[]): tf.Tensor {
  const count = elementCount(shape);
  // Runs of a traced function follow one another, so they can share an array.
  let data: Float32Array | undefined;
  return hostTensor(shape, "float32", () => {
    data = gumbelData(key, count, data);
    return data;
  });
}

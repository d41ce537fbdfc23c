import { copiedTensor } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { elementCount } from "../random/elementCount";
import { normalData } from "../random/normal";
import type { RandomKey } from "../random/randomKey";
import { uniformData } from "../random/uniform";

/** The first values of a variable: plain numbers in row-major order, from the key alone. */
export type Initializer = (key: RandomKey, shape: readonly number[]) => Float32Array;

/** U(-bound, bound). PyTorch's default for linear layers and convolutions is bound = 1 / sqrt(fan-in). */
export function uniformInitializer(bound: number): Initializer {
  return (key, shape) => uniformData(key, elementCount(shape), -bound, bound);
}

/** N(0, standardDeviation^2), as BERT with 0.02. */
export function normalInitializer(standardDeviation: number): Initializer {
  return (key, shape) => normalData(key, elementCount(shape), 0, standardDeviation);
}

/**
 * For a `[blocks * rows, columns]` weight: within each block the rows are orthogonal, each of length `gain`.
 * Query and key weights made so from one key let equal tokens attend to each other from the first step.
 *
 * @throws SymgradError `E_RANGE` if a block has more rows than columns, so that they cannot be orthogonal.
 * @see Trockman and Kolter 2023, "Mimetic initialization of self-attention layers", arXiv:2305.09828.
 */
export function orthonormalRows(blocks: number, gain: number): Initializer {
  return (key, shape) => {
    const columns = shape[1] ?? 1;
    const rows = (shape[0] ?? 1) / blocks;
    if (!Number.isInteger(rows) || rows > columns) {
      throw new SymgradError(
        "E_RANGE",
        `orthonormalRows: [${shape.join(", ")}] has no ${blocks} blocks of orthogonal rows.`,
        { hint: "use at least as many columns as rows in a block" },
      );
    }
    const out = new Float32Array(elementCount(shape));
    for (let block = 0; block < blocks; block++) {
      const basis = orthonormalBasis(normalData(key.fold(block), rows * columns), rows, columns);
      for (const [i, value] of basis.entries()) out[block * rows * columns + i] = gain * value;
    }
    return out;
  };
}

/** Gram-Schmidt in float64, each row twice ("twice is enough"), which keeps the rows orthogonal to rounding. */
function orthonormalBasis(source: Float32Array, rows: number, columns: number): Float64Array {
  const basis = Float64Array.from(source);
  const row = (i: number): Float64Array => basis.subarray(i * columns, (i + 1) * columns);
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  for (let i = 0; i < rows; i++) {
    const current = row(i);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const earlier = row(j);
        const share = dot(current, earlier);
        for (let c = 0; c < columns; c++) current[c]! -= share * earlier[c]!;
      }
    }
    const length = Math.sqrt(dot(current, current));
    for (let c = 0; c < columns; c++) current[c]! /= length;
  }
  return basis;
}

/** A trainable variable with these first values. */
export function createParameter(shape: readonly number[], data: Float32Array): tf.Variable {
  return tf.tidy(() => tf.variable(copiedTensor(data, shape)));
}

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, plain } from "./battery";

const matrices = (batched: boolean, transposeA: boolean, transposeB: boolean): Case => ({
  run: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
  inputs: fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
    )
    .chain(([m, k, n, batch]) =>
      fc.tuple(
        plain([...(batched ? [batch, 2] : []), ...(transposeA ? [k, m] : [m, k])]),
        plain([...(batched ? [batch, 2] : []), ...(transposeB ? [n, k] : [k, n])]),
      ),
    ),
});

export const matrixCases: Cases = {
  BatchMatMul: [
    ...[false, true].flatMap((batched) =>
      [false, true].flatMap((a) => [false, true].map((b) => matrices(batched, a, b))),
    ),
    // So many rows that they are multiplied in parts (32 x 32), and two more that do not divide (27 x 38).
    ...[
      [32, 32],
      [27, 38],
    ].flatMap(([rows, times]) =>
      [false, true].map((transposeB) => ({
        run: (a?: tf.Tensor, b?: tf.Tensor) =>
          tf.mean(tf.matMul(tf.tile(a!, [times!, 1]), b!, false, transposeB), 1),
        inputs: fc.tuple(plain([rows!, 64]), plain([64, 64])),
      })),
    ),
  ],
  _FusedMatMul: (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const).map(
    (activation) => ({
      run: (a, b, bias, preluActivationWeights) =>
        tf.fused.matMul({
          a: a!,
          b: b!,
          bias: bias!,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === "prelu" ? { preluActivationWeights: preluActivationWeights! } : {}),
        }),
      inputs: fc.tuple(plain([3, 4]), plain([4, 5]), plain([5]), plain([5])),
    }),
  ),
};

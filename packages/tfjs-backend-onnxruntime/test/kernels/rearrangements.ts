import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Cases, distinct, plain } from "./battery";

export const rearrangementCases: Cases = {
  Diag: [
    { run: (x) => tf.diag(x!), inputs: fc.tuple(plain([2, 3])) },
    { run: (x) => tf.diag(x!), inputs: fc.tuple(plain([4], "int32")) },
  ],
  BroadcastArgs: [
    {
      run: (a, b) => tf.broadcastArgs(a!, b!),
      inputs: fc
        .constantFrom(
          [
            [2, 1, 3],
            [4, 3],
          ],
          [[1], [5, 1, 2]],
          [[3], [1]],
        )
        .map((shapes) =>
          shapes.map((values) => ({
            values: [...values],
            shape: [values.length as number],
            dtype: "int32" as const,
          })),
        ),
    },
  ],
  StridedSlice: [
    { run: (x) => tf.stridedSlice(x!, [1, 0], [4, 5], [2, 3]), inputs: fc.tuple(plain([5, 6])) },
    { run: (x) => tf.stridedSlice(x!, [3, -1], [0, -4], [-1, -2]), inputs: fc.tuple(plain([5, 6])) },
    // tfjs-cpu keeps the axis that a mask shrinks.
    {
      run: (x) => tf.reshape(tf.stridedSlice(x!, [4, 1], [0, 2], [-1, 1], 0, 1), [5]),
      inputs: fc.tuple(plain([5, 6])),
    },
  ],
  BatchToSpaceND: [
    {
      run: (x) =>
        tf.batchToSpaceND(
          x!,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
      inputs: fc.tuple(plain([8, 2, 3, 2])),
    },
  ],
  SpaceToBatchND: [
    {
      run: (x) =>
        tf.spaceToBatchND(
          x!,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
      inputs: fc.tuple(plain([2, 3, 3, 2])),
    },
  ],
  DepthToSpace: [
    { run: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"), inputs: fc.tuple(plain([2, 2, 3, 8])) },
  ],
  MirrorPad: [
    {
      run: (x) =>
        tf.mirrorPad(
          x!,
          [
            [1, 2],
            [2, 0],
          ],
          "reflect",
        ),
      inputs: fc.tuple(plain([4, 3])),
    },
  ],
  TopK: [
    {
      run: (x) => {
        const { values, indices } = tf.topk(x!, 3);
        return [values, indices];
      },
      inputs: fc.tuple(distinct([3, 6])),
    },
  ],
  Einsum: [
    { run: (a, b) => tf.einsum("ij,jk->ki", a!, b!), inputs: fc.tuple(plain([2, 3]), plain([3, 4])) },
    {
      run: (a, b) => tf.einsum("bij,bjk->bik", a!, b!),
      inputs: fc.tuple(plain([2, 2, 3]), plain([2, 3, 4])),
    },
  ],
  GatherNd: [
    {
      run: (x, i) => tf.gatherND(x!, i!.toInt()),
      inputs: fc.tuple(plain([3, 4, 2]), plain([5, 2], "int32", [0, 2])),
    },
  ],
  FlipLeftRight: [
    { run: (x) => tf.image.flipLeftRight(x as tf.Tensor4D), inputs: fc.tuple(plain([2, 3, 4, 2])) },
  ],
};

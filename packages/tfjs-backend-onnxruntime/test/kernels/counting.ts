import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, plain } from "./battery";

/** Sorted rows with equal neighbors, and values on and between them. */
const search = (side: "left" | "right", dtype: "float32" | "int32"): Case => ({
  run: (sorted, values) => tf.searchSorted(sorted!, values!, side),
  inputs: fc.tuple(
    plain([2, 7], dtype, [-3, 3]).map((row) => ({
      ...row,
      values: [row.values.slice(0, 7), row.values.slice(7)].flatMap((part) =>
        [...part].sort((a, b) => a - b),
      ),
    })),
    plain([2, 5], dtype, [-4, 4]),
  ),
});

const numbers = (shape: number[]) => plain(shape, "int32", [0, 6]);

export const countingCases: Cases = {
  Bincount: [
    {
      run: (x, w) => tf.bincount(x!.toInt() as tf.Tensor1D, w as tf.Tensor1D, 5),
      inputs: fc.tuple(numbers([9]), plain([9])),
    },
    {
      run: (x) => tf.bincount(x!.toInt() as tf.Tensor1D, tf.tensor1d([], "int32"), 5),
      inputs: fc.tuple(numbers([9])),
    },
  ],
  DenseBincount: [
    {
      run: (x, w) => tf.denseBincount(x!.toInt() as tf.Tensor2D, w as tf.Tensor2D, 5),
      inputs: fc.tuple(numbers([3, 6]), plain([3, 6])),
    },
    {
      run: (x) => tf.denseBincount(x!.toInt() as tf.Tensor2D, tf.tensor2d([], [0, 0]), 5, true),
      inputs: fc.tuple(numbers([3, 6])),
    },
    {
      run: (x, w) => tf.denseBincount(x!.toInt() as tf.Tensor1D, w as tf.Tensor1D, 5),
      inputs: fc.tuple(numbers([9]), plain([9], "int32")),
    },
  ],
  SearchSorted: [search("left", "float32"), search("right", "float32"), search("left", "int32")],
};

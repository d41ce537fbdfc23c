import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Cases, plain } from "./battery";

export const indexingCases: Cases = {
  GatherV2: [
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 0),
      inputs: fc.tuple(plain([5, 3]), plain([2, 4], "int32", [0, 4])),
    },
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 1),
      inputs: fc.tuple(plain([2, 5, 3]), plain([4], "int32", [0, 4])),
    },
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 1, 1),
      inputs: fc.tuple(plain([2, 5, 3]), plain([2, 4], "int32", [0, 4])),
    },
  ],
  OneHot: [
    { run: (i) => tf.oneHot(i!.toInt(), 4), inputs: fc.tuple(plain([3, 2], "int32", [-1, 5])) },
    {
      run: (i) => tf.oneHot(i!.toInt(), 4, 2.5, -1, "float32"),
      inputs: fc.tuple(plain([3, 2], "int32", [0, 3])),
    },
    // Few values, so that several of a row are its largest.
    ...[-1, 1].map((axis) => ({
      run: (x?: tf.Tensor) => tf.oneHot(tf.argMax(x!, axis), 4).toFloat(),
      inputs: fc.tuple(plain([5, 4, 4], "int32", [0, 1]).map((x) => ({ ...x, dtype: "float32" as const }))),
    })),
    {
      run: (x) => tf.oneHot(tf.argMax(x!, -1), 6, 1, 0, "float32"),
      inputs: fc.tuple(plain([5, 4])),
    },
  ],
  UnsortedSegmentSum: [
    {
      run: (x, i) => tf.unsortedSegmentSum(x!, i!.toInt() as tf.Tensor1D, 4),
      inputs: fc.tuple(plain([6, 3]), plain([6], "int32", [-1, 3])),
    },
    {
      run: (x, i) => tf.unsortedSegmentSum(x!, i!.toInt() as tf.Tensor1D, 2000),
      inputs: fc.tuple(plain([6, 3]), plain([6], "int32", [-1, 1999])),
    },
  ],
};

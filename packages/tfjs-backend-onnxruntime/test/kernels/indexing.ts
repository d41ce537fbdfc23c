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

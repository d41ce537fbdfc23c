import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Cases, plain } from "./battery";

const vector = (values: number[]) => ({ values, shape: [values.length], dtype: "int32" as const });
/** Indices into the first two axes of [4, 3, ...]; few places, so that some are named twice. */
const places = plain([6, 2], "int32", [0, 2]);
const apart = fc
  .shuffledSubarray([0, 1, 2, 3, 4], { minLength: 3, maxLength: 3 })
  .map((values) => ({ values, shape: [3, 1], dtype: "int32" as const }));

export const scatterCases: Cases = {
  ScatterNd: [
    {
      run: (i, x) => tf.scatterND(i!.toInt(), x!, [4, 3, 2]),
      inputs: fc.tuple(places, plain([6, 2])),
    },
    {
      run: (i, x) => tf.scatterND(i!.toInt(), x!, [4, 3]),
      inputs: fc.tuple(places, plain([6], "int32")),
    },
    // Too many rows for the one-hot product.
    {
      run: (i, x) => tf.scatterND(i!.toInt(), x!, [2000]),
      inputs: fc.tuple(plain([6, 1], "int32", [0, 1999]), plain([6])),
    },
  ],
  TensorScatterUpdate: [
    {
      run: (x, i, y) => tf.tensorScatterUpdate(x!, i!.toInt(), y!),
      inputs: fc.tuple(plain([4, 3, 2]), places, plain([6, 2])),
    },
    {
      run: (x, i, y) => tf.tensorScatterUpdate(x!, i!.toInt(), y!),
      inputs: fc.tuple(plain([5, 2], "int32"), apart, plain([3, 2], "int32")),
    },
  ],
  SparseReshape: [
    {
      run: (i, from, to) => {
        const result = tf.sparse.sparseReshape(i as tf.Tensor2D, from as tf.Tensor1D, to as tf.Tensor1D);
        return [result.outputIndices!, result.outputShape!];
      },
      inputs: fc.tuple(
        plain([6, 2], "int32", [0, 3]),
        fc.constant(vector([4, 6])),
        fc.constantFrom(vector([3, -1, 2]), vector([24]), vector([6, 4])),
      ),
    },
  ],
  SparseToDense: [
    {
      run: (i, x) => tf.sparseToDense(i!.toInt(), x!, [5], 7),
      inputs: fc.tuple(
        apart.map((i) => ({ ...i, shape: [3] })),
        plain([3]),
      ),
    },
    {
      run: (i, x, start) => tf.sparseToDense(i!.toInt(), x!, [4, 3], start as tf.Scalar),
      inputs: fc.tuple(places, plain([6], "int32"), plain([], "int32")),
    },
    {
      run: (i, x) => tf.sparseToDense(i!.toInt(), x as tf.Scalar, [4, 3], 1),
      inputs: fc.tuple(places, plain([])),
    },
  ],
};

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, distinct, plain } from "./battery";

function crops(method: "bilinear" | "nearest", size: [number, number]): Case {
  return {
    uses: fc
      .tuple(
        plain([2, 5, 4, 3]),
        // On a grid that the sampled places do not share with the pixels' middles; some boxes reach over the edge.
        plain([3, 4], "int32", [-1, 6]).map((boxes) => ({
          ...boxes,
          dtype: "float32" as const,
          values: boxes.values.map((v) => v / 5.1),
        })),
        plain([3], "int32", [0, 1]),
      )
      .map((inputs) => ({
        inputs,
        sums: true,
        run: (image: tf.Tensor, boxes: tf.Tensor, of: tf.Tensor) =>
          tf.image.cropAndResize(
            image as tf.Tensor4D,
            boxes as tf.Tensor2D,
            of.toInt() as tf.Tensor1D,
            size,
            method,
            -2,
          ),
      })),
  };
}

export const boxCases: Cases = {
  CropAndResize: [crops("bilinear", [3, 6]), crops("nearest", [4, 3]), crops("bilinear", [1, 1])],
  NonMaxSuppressionV4: [
    {
      run: (boxes, scores) => {
        const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
          boxes as tf.Tensor2D,
          scores as tf.Tensor1D,
          6,
          0.413,
          1.1,
          true,
        );
        return [selectedIndices!, validOutputs!];
      },
      inputs: fc.tuple(
        plain([8, 4], "int32", [0, 5]).map((x) => ({ ...x, dtype: "float32" as const })),
        distinct([8]),
      ),
    },
  ],
};

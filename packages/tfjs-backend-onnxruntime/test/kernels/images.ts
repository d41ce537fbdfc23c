import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, plain } from "./battery";

type Resize = (
  images: tf.Tensor4D,
  size: [number, number],
  alignCorners: boolean,
  halfPixelCenters: boolean,
) => tf.Tensor;

function resizing(resize: Resize, gradient: boolean, images = 2): Case {
  return {
    uses: fc
      .tuple(
        // tfjs-cpu swaps rows and columns in the gradient's shape: square images hide it.
        plain([images, 5, gradient ? 5 : 4, 3]),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom([false, false], [true, false], ...(gradient ? [] : [[false, true]])),
      )
      .map(([image, height, width, [corners, centers]]) => {
        const apply = (x: tf.Tensor) => resize(x as tf.Tensor4D, [height, width], corners!, centers!);
        const run = gradient
          ? (x: tf.Tensor) =>
              tf.grad((y) => {
                const resized = apply(y);
                return tf.mul(resized, tf.reshape(tf.linspace(-1, 2, resized.size), resized.shape)).sum();
              })(x)
          : apply;
        return { inputs: [image], sums: true, run: (x: tf.Tensor) => run(x) };
      }),
  };
}

const x4 = plain([2, 3, 3, 4]);
const vector = plain([4]);
const positive = plain([4], "float32", [1, 3]);

export const imageCases: Cases = {
  ResizeBilinear: [resizing(tf.image.resizeBilinear, false)],
  ResizeBilinearGrad: [resizing(tf.image.resizeBilinear, true)],
  ResizeNearestNeighbor: [resizing(tf.image.resizeNearestNeighbor, false)],
  // tfjs-cpu's gradient of nearest neighbors is that of a linear function for the first image only.
  ResizeNearestNeighborGrad: [resizing(tf.image.resizeNearestNeighbor, true, 1)],
  FusedBatchNorm: [
    {
      run: (x, mean, variance) =>
        tf.batchNorm(x as tf.Tensor4D, mean as tf.Tensor1D, variance as tf.Tensor1D),
      inputs: fc.tuple(x4, vector, positive),
    },
    {
      run: (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.1,
        ),
      inputs: fc.tuple(x4, vector, positive, vector, vector),
    },
  ],
  LRN: [
    {
      run: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 1, 1.5, 0.7, 0.6),
      inputs: fc.tuple(x4),
    },
  ],
};

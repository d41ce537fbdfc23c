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
  RotateWithOffset: [0.6, -2.5].flatMap((radians) =>
    ([3, 4] as const).map((channels) => ({
      run: (x?: tf.Tensor) =>
        tf.image.rotateWithOffset(x as tf.Tensor4D, radians, channels === 4 ? [1, 2, 3] : 7, [0.3, 0.6]),
      inputs: fc.tuple(plain([2, 5, 4, channels])),
    })),
  ),
  // One image: tfjs-cpu fills the others.
  Transform: (["constant", "reflect", "wrap", "nearest"] as const).flatMap((fillMode) =>
    (["nearest", "bilinear"] as const).map((interpolation) => ({
      uses: fc.tuple(plain([1, 5, 4, 3]), plain([1, 8], "int32", [-9, 9])).map(([image, factors]) => ({
        inputs: [
          image,
          // No place that is read lies midway between two pixels, where rounding would decide; and rounding is what a
          // place between two pixels shows of the division by the projection.
          {
            ...factors,
            dtype: "float32" as const,
            values: factors.values.map((v, i) => {
              if (i >= 6) return interpolation === "nearest" ? v / 31 : 0;
              return v / 4 + (i % 3 === 2 ? 1 / 8 : 0);
            }),
          },
        ],
        sums: true,
        run: (x: tf.Tensor, t: tf.Tensor) =>
          tf.image.transform(x as tf.Tensor4D, t as tf.Tensor2D, interpolation, fillMode, -2, [4, 6]),
      })),
    })),
  ),
  LRNGrad: [
    {
      uses: fc.tuple(plain([2, 3, 3, 4])).map((inputs) => ({
        inputs,
        sums: true,
        run: (x: tf.Tensor) =>
          tf.grad((x) => {
            const y = tf.localResponseNormalization(x as tf.Tensor4D, 1, 1.5, 0.7, 0.6);
            return y.mul(tf.linspace(-1, 2, y.size).reshape(y.shape));
          })(x),
      })),
    },
  ],
  LRN: [
    {
      run: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 1, 1.5, 0.7, 0.6),
      inputs: fc.tuple(x4),
    },
  ],
};

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, distinct, type Plain, plain } from "./battery";

/** How a window lies on an input: every size, stride, dilation and padding that TensorFlow.js takes together. */
interface Geometry {
  batch: number;
  /** Rows and columns of the input. */
  size: [number, number];
  channels: number;
  outputs: number;
  kernel: [number, number];
  stride: number;
  dilation: number;
  pad: "same" | "valid" | number;
}

const geometries: fc.Arbitrary<Geometry> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    size: fc.tuple(fc.integer({ min: 5, max: 8 }), fc.integer({ min: 5, max: 8 })),
    channels: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom("same" as const, "valid" as const, 1),
  })
  .map((g) => ({
    ...g,
    dilation: g.stride === 1 ? g.dilation : 1,
    // A window of one row inside a padding of one would meet no input.
    pad: g.pad === 1 && Math.min(...g.kernel) === 1 ? ("same" as const) : g.pad,
  }));

/** A function of tensors whose shapes follow from the geometry. */
function windowed(
  shapes: (g: Geometry) => number[][],
  run: (g: Geometry, ...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
  values: (dimensions: number[]) => fc.Arbitrary<Plain> = plain,
): Case {
  return {
    uses: geometries.chain((g) =>
      fc
        .tuple(...shapes(g).map((dimensions) => values(dimensions)))
        .map((inputs) => ({ inputs, sums: true, run: (...tensors: tf.Tensor[]) => run(g, ...tensors) })),
    ),
  };
}

/** The gradient in one argument of `f`, weighted so that each output has its own `dy`. */
function gradientIn(argument: number, f: (...tensors: tf.Tensor[]) => tf.Tensor) {
  return (...tensors: tf.Tensor[]) =>
    tf.grad((x) => {
      const y = f(...tensors.map((tensor, i) => (i === argument ? x : tensor)));
      return tf.mul(y, tf.reshape(tf.linspace(-1, 2, y.size), y.shape)).sum();
    })(tensors[argument]!);
}

const image = ({ batch, size, channels }: Geometry) => [batch, ...size, channels];
const conv = (g: Geometry, x: tf.Tensor, filter: tf.Tensor) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, g.stride, g.pad, "NHWC", g.dilation);
const convShapes = (g: Geometry) => [image(g), [...g.kernel, g.channels, g.outputs]];
const depthwise = (g: Geometry, x: tf.Tensor, filter: tf.Tensor) =>
  tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, g.stride, g.pad, "NHWC", g.dilation);
const maxPool = (g: Geometry, x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, g.kernel, g.stride, g.pad);
const avgPool = (g: Geometry, x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, g.kernel, g.stride, g.pad);

const volume = ({ batch, size, channels }: Geometry) => [batch, 4, ...size, channels];
/** Where a 3-D stride exceeds the kernel, TensorFlow.js computes a negative "same" padding. */
const padding3d = (g: Geometry) =>
  g.pad === "same" && g.stride <= Math.min(2, ...g.kernel) ? "same" : "valid";
const conv3d = (g: Geometry, x: tf.Tensor, filter: tf.Tensor) =>
  tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, g.stride, padding3d(g));
const conv3dShapes = (g: Geometry) => [volume(g), [2, ...g.kernel, g.channels, g.outputs]];
const maxPool3d = (g: Geometry, x: tf.Tensor) =>
  tf.maxPool3d(x as tf.Tensor5D, [2, ...g.kernel], g.stride, padding3d(g));
const avgPool3d = (g: Geometry, x: tf.Tensor) =>
  tf.avgPool3d(x as tf.Tensor5D, [2, ...g.kernel], g.stride, padding3d(g));

const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

export const windowCases: Cases = {
  Conv2D: [
    windowed(convShapes, conv),
    windowed(
      (g) => [
        [g.batch, g.channels, ...g.size],
        [...g.kernel, g.channels, g.outputs],
      ],
      (g, x, filter) =>
        tf.conv2d(
          x as tf.Tensor4D,
          filter as tf.Tensor4D,
          g.stride,
          g.pad === 1 ? "same" : g.pad,
          "NCHW",
          g.dilation,
        ),
    ),
    windowed(convShapes, (g, x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, g.stride, 1, "NHWC", 1, "ceil"),
    ),
  ],
  Conv2DBackpropInput: [
    windowed(convShapes, (g, ...tensors) =>
      gradientIn(0, (x, filter) => conv(undilated(g), x!, filter!))(...tensors),
    ),
  ],
  Conv2DBackpropFilter: [
    windowed(convShapes, (g, ...tensors) =>
      gradientIn(1, (x, filter) => conv(undilated(g), x!, filter!))(...tensors),
    ),
  ],
  FusedConv2D: activations.map((activation) =>
    windowed(
      (g) => [...convShapes(g), [g.outputs], [g.outputs]],
      (g, x, filter, bias, preluActivationWeights) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: g.stride,
          pad: g.pad,
          dilations: g.dilation,
          bias: bias!,
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === "prelu" ? { preluActivationWeights: preluActivationWeights! } : {}),
        }),
    ),
  ),
  DepthwiseConv2dNative: [windowed(convShapes, depthwise)],
  DepthwiseConv2dNativeBackpropInput: [
    windowed(convShapes, (g, ...tensors) =>
      gradientIn(0, (x, filter) => depthwise(undilated(g), x!, filter!))(...tensors),
    ),
  ],
  DepthwiseConv2dNativeBackpropFilter: [
    windowed(convShapes, (g, ...tensors) =>
      gradientIn(1, (x, filter) => depthwise(undilated(g), x!, filter!))(...tensors),
    ),
  ],
  FusedDepthwiseConv2D: (["relu", "sigmoid"] as const).map((activation) =>
    windowed(
      (g) => [...convShapes(g), [g.channels * g.outputs]],
      (g, x, filter, bias) =>
        tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: g.stride,
          pad: g.pad,
          dilations: g.dilation,
          bias: bias!,
          activation,
        }),
    ),
  ),
  Conv3D: [windowed(conv3dShapes, conv3d)],
  Conv3DBackpropInputV2: [
    windowed(conv3dShapes, (g, ...tensors) =>
      gradientIn(0, (x, filter) => conv3d(g, x!, filter!))(...tensors),
    ),
  ],
  Conv3DBackpropFilterV2: [
    windowed(conv3dShapes, (g, ...tensors) =>
      gradientIn(1, (x, filter) => conv3d(g, x!, filter!))(...tensors),
    ),
  ],
  MaxPool: [windowed((g) => [image(g)], maxPool)],
  MaxPoolGrad: [
    windowed(
      (g) => [image(g)],
      (g, x) => gradientIn(0, (y) => maxPool(g, y!))(x),
    ),
  ],
  MaxPool3D: [windowed((g) => [volume(g)], maxPool3d)],
  // tfjs-cpu takes the last of equal maxima in 3-D, the first in 2-D; we the first. And it mistakes the position in
  // windows that are not square (rows are counted with the height instead of the width).
  MaxPool3DGrad: [
    windowed(
      (g) => [volume(g)],
      (g, x) => gradientIn(0, (y) => maxPool3d(square(g), y!))(x),
      distinct,
    ),
  ],
  MaxPoolWithArgmax: [true, false].map((withBatch) =>
    windowed(
      (g) => [image(g)],
      (g, x) => {
        const given = x as tf.Tensor4D;
        const { result, indexes } = tf.maxPoolWithArgmax(given, g.kernel, g.stride, g.pad, withBatch);
        return [result!, indexes!];
      },
      distinct,
    ),
  ),
  AvgPool: [windowed((g) => [image(g)], avgPool)],
  AvgPoolGrad: [
    windowed(
      (g) => [image(g)],
      (g, x) => gradientIn(0, (y) => avgPool(g, y!))(x),
    ),
  ],
  AvgPool3D: [windowed((g) => [volume(g)], avgPool3d)],
  AvgPool3DGrad: [
    windowed(
      (g) => [volume(g)],
      (g, x) => gradientIn(0, (y) => avgPool3d(g, y!))(x),
    ),
  ],
};

function square(g: Geometry): Geometry {
  return { ...g, kernel: [g.kernel[0], g.kernel[0]] };
}

/** TensorFlow.js has no gradient for dilated convolutions. */
function undilated(g: Geometry): Geometry {
  return { ...g, dilation: 1 };
}

import type * as tf from "@tensorflow/tfjs";
import { type RuleAttributes, sizeOf } from "../kernels/rule";

/**
 * Nanoseconds of tfjs-cpu's own kernels per element of the largest float32 argument, measured on 16,384 elements, rounded
 * down: only the order of magnitude decides. A kernel that is not in a table here stays with tfjs-cpu: it is a matter of
 * metadata, rare, not faster on ONNX Runtime, or (Max, Min, ArgMax, ArgMin, Sign) treats NaN otherwise there.
 */
const perElement: Readonly<Record<string, number>> = {
  ...each(5, "Add", "Sub", "Multiply", "SquaredDifference", "Maximum", "Minimum", "RealDiv", "AddN"),
  ...each(5, "Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "Select"),
  ...each(5, "Neg", "Abs", "Square", "Relu", "Relu6", "LeakyRelu", "Prelu", "Step", "ClipByValue"),
  ...each(
    10,
    "Exp",
    "Log",
    "Sqrt",
    "Rsqrt",
    "Tanh",
    "Sigmoid",
    "Softplus",
    "Erf",
    "Sin",
    "Cos",
    "Elu",
    "Selu",
  ),
  ...each(20, "Pow", "EluGrad"),
  ...each(2, "Sum", "Mean", "Prod"),
  ...each(10, "Cumsum"),
  ...each(50, "Softmax", "Transpose", "PadV2", "Tile"),
  ...each(30, "AvgPool", "AvgPool3D", "MaxPool", "MaxPool3D"),
  ...each(100, "AvgPoolGrad", "AvgPool3DGrad", "MaxPoolGrad", "MaxPool3DGrad"),
};

type Work = (inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: RuleAttributes) => number;

/** Nanoseconds where they follow from several arguments, mostly a price per multiplication. */
const perProduct: Readonly<Record<string, Work>> = {
  BatchMatMul: ({ a, b }, { transposeB }) => 2.5 * sizeOf(a!.shape) * b!.shape.at(transposeB ? -2 : -1)!,
  _FusedMatMul: ({ a, b }, { transposeB }) => 2.5 * sizeOf(a!.shape) * b!.shape.at(transposeB ? -2 : -1)!,
  Conv2D: (inputs, attributes) => 3 * forwardProducts(inputs, attributes),
  FusedConv2D: (inputs, attributes) => 3 * forwardProducts(inputs, attributes),
  Conv3D: (inputs, attributes) => 3 * forwardProducts(inputs, attributes),
  DepthwiseConv2dNative: (inputs, attributes) => 5 * forwardProducts(inputs, attributes),
  FusedDepthwiseConv2D: (inputs, attributes) => 5 * forwardProducts(inputs, attributes),
  Conv2DBackpropInput: ({ dy, filter }) => 10 * backwardProducts(dy!, filter!.shape),
  Conv3DBackpropInputV2: ({ dy, filter }) => 10 * backwardProducts(dy!, filter!.shape),
  DepthwiseConv2dNativeBackpropInput: ({ dy, filter }) => 10 * backwardProducts(dy!, filter!.shape),
  Conv2DBackpropFilter: ({ dy }, { filterShape }) => 20 * backwardProducts(dy!, filterShape),
  Conv3DBackpropFilterV2: ({ dy }, { filterShape }) => 20 * backwardProducts(dy!, filterShape),
  DepthwiseConv2dNativeBackpropFilter: ({ dy }, { filterShape }) => 20 * backwardProducts(dy!, filterShape),
  // One row is copied for each index, element by element.
  GatherV2: ({ x, indices }, { axis }) =>
    (50 * sizeOf(indices!.shape) * sizeOf(x!.shape)) / Math.max(1, x!.shape.at(axis)!),
  // tfjs-cpu visits the whole tensor once for each segment.
  UnsortedSegmentSum: ({ x }, { numSegments }) => 20 * sizeOf(x!.shape) * numSegments,
};

/** The time that tfjs-cpu's own kernel takes, roughly; 0 where it is to serve whatever the size. */
export function tfjsMicroseconds(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attributes: RuleAttributes,
): number {
  const work = perProduct[kernelName];
  if (work) return work(inputs as Readonly<Record<string, tf.TensorInfo>>, attributes) / 1000;
  const nanoseconds = perElement[kernelName];
  if (nanoseconds === undefined) return 0;
  let largest = 0;
  for (const name in inputs) {
    const info = inputs[name];
    if (info?.dtype === "float32") largest = Math.max(largest, sizeOf(info.shape));
  }
  return (largest * nanoseconds) / 1000;
}

function each(nanoseconds: number, ...kernelNames: string[]): Record<string, number> {
  return Object.fromEntries(kernelNames.map((name) => [name, nanoseconds]));
}

/** Multiplications of a convolution: each window meets the whole filter. */
function forwardProducts(
  { x, filter }: Readonly<Record<string, tf.TensorInfo>>,
  attributes: RuleAttributes,
): number {
  const strides: number[] = [attributes.strides].flat();
  const windows = sizeOf(x!.shape) / (x!.shape.at(-1)! * sizeOf(strides));
  return windows * sizeOf(filter!.shape);
}

function backwardProducts(dy: tf.TensorInfo, filterShape: readonly number[]): number {
  return (sizeOf(dy.shape) / dy.shape.at(-1)!) * sizeOf(filterShape);
}

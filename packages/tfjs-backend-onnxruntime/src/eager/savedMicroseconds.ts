import type * as tf from "@tensorflow/tfjs";
import { type RuleAttributes, sizeOf } from "../kernels/rule";

/**
 * Nanoseconds that ONNX Runtime saves per operation (an element of the largest float32 argument, or a multiplication),
 * its call apart: against our plain kernels, measured on 1,024 to 262,144 elements, or tfjs-cpu's where there is none. Rounded
 * down: only the order of magnitude decides. A kernel that is not here never goes there: it is a matter of metadata,
 * rare, not faster on ONNX Runtime, or (GatherV2) takes negative indices there.
 */
const NANOSECONDS: Readonly<Record<string, number>> = {
  ...each(
    0.2,
    "Add",
    "Sub",
    "Multiply",
    "RealDiv",
    "Maximum",
    "Minimum",
    "Neg",
    "Abs",
    "Square",
    "Sqrt",
    "Relu",
  ),
  ...each(0.2, "Step", "PadV2"),
  ...each(2, "Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "SquaredDifference"),
  ...each(2, "Relu6", "LeakyRelu", "ClipByValue", "Rsqrt", "Sum", "Mean", "Prod", "Transpose"),
  ...each(5, "AddN", "Select", "Prelu"),
  ...each(10, "Exp", "Log", "Sigmoid", "Elu", "Softmax", "Softplus", "Erf", "Sin", "Cos", "Selu", "Cumsum"),
  ...each(20, "Tanh", "Pow", "EluGrad"),
  ...each(50, "Tile"),
  ...each(30, "AvgPool", "AvgPool3D", "MaxPool", "MaxPool3D"),
  ...each(100, "AvgPoolGrad", "AvgPool3DGrad", "MaxPoolGrad", "MaxPool3DGrad"),
  ...each(0.05, "BatchMatMul", "_FusedMatMul"),
  ...each(3, "Conv2D", "FusedConv2D", "Conv3D"),
  ...each(5, "DepthwiseConv2dNative", "FusedDepthwiseConv2D"),
  ...each(10, "Conv2DBackpropInput", "Conv3DBackpropInputV2", "DepthwiseConv2dNativeBackpropInput"),
  ...each(20, "Conv2DBackpropFilter", "Conv3DBackpropFilterV2", "DepthwiseConv2dNativeBackpropFilter"),
  ...each(20, "UnsortedSegmentSum"),
};

type Count = (inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: RuleAttributes) => number;

const matMul: Count = ({ a, b }, { transposeB }) => sizeOf(a!.shape) * b!.shape.at(transposeB ? -2 : -1)!;

/** Multiplications of a convolution: each window meets the whole filter. */
const forward: Count = ({ x, filter }, attributes) => {
  const strides: number[] = [attributes.strides].flat();
  const windows = sizeOf(x!.shape) / (x!.shape.at(-1)! * sizeOf(strides));
  return windows * sizeOf(filter!.shape);
};
const toInput: Count = ({ dy, filter }) => (sizeOf(dy!.shape) / dy!.shape.at(-1)!) * sizeOf(filter!.shape);
const toFilter: Count = ({ dy }, { filterShape }) =>
  (sizeOf(dy!.shape) / dy!.shape.at(-1)!) * sizeOf(filterShape);

/** Operations where they are not the elements of an argument. */
const COUNTS: Readonly<Record<string, Count>> = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: forward,
  FusedConv2D: forward,
  Conv3D: forward,
  DepthwiseConv2dNative: forward,
  FusedDepthwiseConv2D: forward,
  Conv2DBackpropInput: toInput,
  Conv3DBackpropInputV2: toInput,
  DepthwiseConv2dNativeBackpropInput: toInput,
  Conv2DBackpropFilter: toFilter,
  Conv3DBackpropFilterV2: toFilter,
  DepthwiseConv2dNativeBackpropFilter: toFilter,
  // tfjs-cpu visits the whole tensor once for each segment.
  UnsortedSegmentSum: ({ x }, { numSegments }) => sizeOf(x!.shape) * numSegments,
};

/** How many elements or multiplications a kernel call is about. */
export function operationsOf(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attributes: RuleAttributes,
): number {
  const count = COUNTS[kernelName];
  if (count) return count(inputs as Readonly<Record<string, tf.TensorInfo>>, attributes);
  let largest = 0;
  for (const name in inputs) {
    const info = inputs[name];
    if (info?.dtype === "float32") largest = Math.max(largest, sizeOf(info.shape));
  }
  return largest;
}

/** What ONNX Runtime saves, roughly and without its call; 0 for kernels that never go there. */
export function savedMicroseconds(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attributes: RuleAttributes,
): number {
  const nanoseconds = NANOSECONDS[kernelName];
  if (nanoseconds === undefined) return 0;
  return (operationsOf(kernelName, inputs, attributes) * nanoseconds) / 1000;
}

function each(nanoseconds: number, ...kernelNames: string[]): Record<string, number> {
  return Object.fromEntries(kernelNames.map((name) => [name, nanoseconds]));
}

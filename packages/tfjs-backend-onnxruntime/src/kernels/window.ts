import { backend_util } from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import type { RuleAttributes } from "./rule";

/** How the windows of a convolution or a pooling lie on the input, one entry per spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding in front of the first element. */
  readonly before: readonly number[];
  /** Padding behind the last element, as far as the last window reaches. */
  readonly after: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** TensorFlow.js's own geometry, in the terms of ONNX. */
type ConvInfo2D = ReturnType<typeof backend_util.computeConv2DInfo>;
type ConvInfo3D = ReturnType<typeof backend_util.computeConv3DInfo>;

function windowOf(axes: readonly Omit<AxisWindow, "after">[]): Window {
  if (axes.some(({ before }) => before < 0)) {
    throw new SymgradError(
      "E_TRACE",
      `a window of ${axes.map(({ kernel }) => kernel)} with strides ${axes.map(({ stride }) => stride)} and padding "same" cannot be traced: TensorFlow.js gives it a negative padding.`,
      { hint: 'use padding "valid", or strides no longer than the window' },
    );
  }
  const all = axes.map((axis) => {
    const reach = (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
    return { ...axis, after: Math.max(0, reach - axis.input - axis.before) };
  });
  return {
    kernel: all.map((axis) => axis.kernel),
    strides: all.map((axis) => axis.stride),
    dilations: all.map((axis) => axis.dilation),
    before: all.map((axis) => axis.before),
    after: all.map((axis) => axis.after),
    input: all.map((axis) => axis.input),
    output: all.map((axis) => axis.output),
  };
}

interface AxisWindow {
  kernel: number;
  stride: number;
  dilation: number;
  before: number;
  after: number;
  input: number;
  output: number;
}

function window2D(info: ConvInfo2D): Window {
  return windowOf(rowsAndColumns(info));
}

function window3D(info: ConvInfo3D): Window {
  return windowOf([
    {
      kernel: info.filterDepth,
      stride: info.strideDepth,
      dilation: info.dilationDepth,
      before: info.padInfo.front,
      input: info.inDepth,
      output: info.outDepth,
    },
    ...rowsAndColumns(info),
  ]);
}

function rowsAndColumns(info: ConvInfo2D | ConvInfo3D) {
  return [
    {
      kernel: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      before: info.padInfo.top,
      input: info.inHeight,
      output: info.outHeight,
    },
    {
      kernel: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      before: info.padInfo.left,
      input: info.inWidth,
      output: info.outWidth,
    },
  ];
}

/** @param depthwise One filter per input channel. */
export function convolutionWindow(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: RuleAttributes,
  depthwise = false,
): Window {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attributes;
  if (inputShape.length === 5) {
    const info = backend_util.computeConv3DInfo(
      inputShape as never,
      filterShape as never,
      strides,
      dilations ?? 1,
      pad,
    );
    return window3D(info);
  }
  const info = backend_util.computeConv2DInfo(
    inputShape as never,
    filterShape as never,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC"),
  );
  return window2D(info);
}

export function poolingWindow(inputShape: readonly number[], attributes: RuleAttributes): Window {
  const window = anyPoolingWindow(inputShape, attributes);
  if (window.kernel.some((length, i) => window.before[i]! >= length || window.after[i]! >= length)) {
    throw new SymgradError(
      "E_TRACE",
      `a pooling window of ${window.kernel} with padding ${window.before} before and ${window.after} behind cannot be traced: whole windows would lie in the padding.`,
      { hint: "use a padding smaller than the window" },
    );
  }
  return window;
}

function anyPoolingWindow(inputShape: readonly number[], attributes: RuleAttributes): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  if (inputShape.length === 5) {
    return window3D(
      backend_util.computePool3DInfo(inputShape as never, filterSize, strides, 1, pad, dimRoundingMode),
    );
  }
  return window2D(
    backend_util.computePool2DInfo(inputShape as never, filterSize, strides, 1, pad, dimRoundingMode),
  );
}

/** The attributes that ONNX's convolutions and poolings share. */
export function windowAttributes({ kernel, strides, before, after }: Window) {
  return { kernel_shape: kernel, strides, pads: [...before, ...after] };
}

/** Reorders axes; two orders in a row become one, and one that undoes the other disappears. */
export function permute(graph: Graph, x: Value, order: readonly number[]): Value {
  const producer = graph.producer(x);
  if (producer?.op === "Transpose") {
    const inner = producer.attributes.perm as readonly number[];
    return permute(
      graph,
      producer.inputs[0]!,
      order.map((axis) => inner[axis]!),
    );
  }
  if (order.every((axis, i) => axis === i)) return x;
  return graph.node(
    "Transpose",
    [x],
    { type: x.type, shape: order.map((axis) => x.shape[axis]!) },
    { perm: order },
  );
}

/** `[batch, ...space, channels]` -> `[batch, channels, ...space]`, the layout of ONNX. */
export function channelsFirst(graph: Graph, x: Value): Value {
  const rank = x.shape.length;
  return permute(graph, x, [0, rank - 1, ...spatialAxes(rank)]);
}

/** `[batch, channels, ...space]` -> `[batch, ...space, channels]`, the layout of TensorFlow.js. */
export function channelsLast(graph: Graph, x: Value): Value {
  const rank = x.shape.length;
  return permute(graph, x, [0, ...spatialAxes(rank).map((axis) => axis + 1), 1]);
}

function spatialAxes(rank: number): number[] {
  return Array.from({ length: rank - 2 }, (_, i) => i + 1);
}

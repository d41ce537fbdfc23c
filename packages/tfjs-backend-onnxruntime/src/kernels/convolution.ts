import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import { withBiasAndActivation } from "./activations";
import { matMul } from "./matrix";
import {
  cast,
  inputNamed,
  type KernelRule,
  type KernelRules,
  type RuleAttributes,
  reshape,
  sizeOf,
} from "./rule";
import { concat, pad } from "./shapes";
import {
  channelsFirst,
  channelsLast,
  convolutionWindow,
  permute,
  type Window,
  windowAttributes,
} from "./window";

/** `[...kernel, in, out]` -> `[out, in, ...kernel]`. */
function filterOutFirst(graph: Graph, filter: Value): Value {
  const rank = filter.shape.length;
  return permute(graph, filter, [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, i) => i)]);
}

/** `[...kernel, in, multiplier]` -> `[in * multiplier, 1, ...kernel]`, one group per input channel. */
function depthwiseFilter(graph: Graph, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  return reshape(graph, permute(graph, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

const isNchw = (attributes: RuleAttributes): boolean => attributes.dataFormat === "NCHW";

function toChannelsFirst(graph: Graph, x: Value, attributes: RuleAttributes): Value {
  const float = cast(graph, x, "float32");
  return isNchw(attributes) ? float : channelsFirst(graph, float);
}

function fromChannelsFirst(graph: Graph, x: Value, attributes: RuleAttributes): Value {
  return isNchw(attributes) ? x : channelsLast(graph, x);
}

/** @param bias `[out]`, or none. */
function convolve(
  graph: Graph,
  x: Value,
  filter: Value,
  bias: Value | undefined,
  attributes: RuleAttributes,
  depthwise: boolean,
): Value {
  const window = convolutionWindow(x.shape, filter.shape, attributes, depthwise);
  const input = toChannelsFirst(graph, x, attributes);
  const kernel = cast(graph, filter, "float32");
  const weights = depthwise ? depthwiseFilter(graph, kernel) : filterOutFirst(graph, kernel);
  const result = graph.node(
    "Conv",
    bias ? [input, weights, bias] : [input, weights],
    { type: "float32", shape: [input.shape[0]!, weights.shape[0]!, ...window.output] },
    {
      ...windowAttributes(window),
      dilations: window.dilations,
      group: depthwise ? input.shape[1]! : 1,
    },
  );
  return fromChannelsFirst(graph, result, attributes);
}

function convolution(depthwise: boolean): KernelRule {
  return (graph, inputs, attributes) =>
    convolve(graph, inputs.x!, inputNamed(inputs, "filter"), undefined, attributes, depthwise);
}

function fusedConvolution(depthwise: boolean): KernelRule {
  return (graph, inputs, attributes) => {
    const { x, bias, preluActivationWeights } = inputs;
    const filter = inputNamed(inputs, "filter");
    const channels = depthwise ? filter.shape[2]! * filter.shape[3]! : filter.shape[3]!;
    const inside = bias?.shape.length === 1 && bias.shape[0] === channels;
    const result = convolve(graph, x!, filter, inside ? bias : undefined, attributes, depthwise);
    return withBiasAndActivation(
      graph,
      result,
      inside ? undefined : bias,
      preluActivationWeights,
      attributes,
    );
  };
}

/**
 * The gradient in x: a transposed convolution of `dy` with the same filter. Its size follows from the window except for
 * the elements that no window reached, which `output_padding` adds as zeros.
 */
function backpropInput(
  graph: Graph,
  dy: Value,
  filter: Value,
  inputShape: readonly number[],
  attributes: RuleAttributes,
  depthwise: boolean,
): Value {
  const window = convolutionWindow(inputShape, filter.shape, attributes, depthwise);
  const input = toChannelsFirst(graph, dy, attributes);
  if (input.shape.slice(2).some((length, i) => length !== window.output[i])) {
    throw new SymgradError(
      "E_TRACE",
      `a transposed convolution of ${dy.shape} to ${inputShape} cannot be traced: ${window.output} windows lie on its result.`,
      { hint: "ask for an output shape that the convolution takes back to its input's" },
    );
  }
  const kernel = cast(graph, filter, "float32");
  const weights = depthwise ? depthwiseFilter(graph, kernel) : filterOutFirst(graph, kernel);
  const channels = filter.shape.at(-2)!;
  const result = graph.node(
    "ConvTranspose",
    [input, weights],
    { type: "float32", shape: [input.shape[0]!, channels, ...window.input] },
    {
      ...windowAttributes(window),
      dilations: window.dilations,
      output_padding: unreached(window),
      group: depthwise ? channels : 1,
    },
  );
  return fromChannelsFirst(graph, result, attributes);
}

/** Elements at the end of each axis that lie behind the last window. */
export function unreached({ kernel, strides, dilations, before, after, input, output }: Window): number[] {
  return input.map(
    (length, i) =>
      length +
      before[i]! +
      after[i]! -
      ((output[i]! - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1),
  );
}

/** For each position inside the kernel, the inputs it meets: `[batch, ...output, channels]` each, in kernel order. */
function windowSlices(graph: Graph, x: Value, window: Window): Value[] {
  const padded = pad(graph, x, [[0, 0], ...window.before.map((n, i) => [n, window.after[i]!]), [0, 0]], 0);
  let positions: number[][] = [[]];
  for (const length of window.kernel)
    positions = positions.flatMap((start) => Array.from({ length }, (_, i) => [...start, i]));
  const axes = window.kernel.map((_, i) => i + 1);
  const shape = [x.shape[0]!, ...window.output, x.shape.at(-1)!];
  return positions.map((position) => {
    const begin = position.map((at, i) => at * window.dilations[i]!);
    const end = begin.map((at, i) => at + (window.output[i]! - 1) * window.strides[i]! + 1);
    return graph.node(
      "Slice",
      [padded, graph.int64(begin), graph.int64(end), graph.int64(axes), graph.int64(window.strides)],
      { type: x.type, shape },
    );
  });
}

/** The gradient in the filter: what each kernel position met, times `dy`, as one matrix product. */
const backpropFilter: KernelRule = (graph, { x, dy }, attributes) => {
  const filterShape: number[] = attributes.filterShape;
  const window = convolutionWindow(x!.shape, filterShape, attributes);
  const last = (value: Value) => (isNchw(attributes) ? channelsLast(graph, value) : value);
  const slices = windowSlices(graph, cast(graph, last(x!), "float32"), window);
  const rows = sizeOf(slices[0]!.shape.slice(0, -1));
  const patches = concat(
    graph,
    slices.map((slice) => reshape(graph, slice, [rows, slice.shape.at(-1)!])),
    1,
  );
  const outputs = reshape(graph, cast(graph, last(dy!), "float32"), [rows, filterShape.at(-1)!]);
  return reshape(graph, matMul(graph, patches, outputs, true, false), filterShape);
};

const depthwiseBackpropFilter: KernelRule = (graph, { x, dy }, attributes) => {
  const filterShape: number[] = attributes.filterShape;
  const [, , channels, multiplier] = filterShape as [number, number, number, number];
  const window = convolutionWindow(x!.shape, filterShape, attributes, true);
  const outputs = reshape(graph, dy!, [...dy!.shape.slice(0, 3), channels, multiplier]);
  const sums = windowSlices(graph, x!, window).map((slice) => {
    const met = reshape(graph, slice, [...slice.shape, 1]);
    const product = graph.node("Mul", [met, outputs], outputs);
    return graph.node(
      "ReduceSum",
      [product, graph.int64([0, 1, 2])],
      { type: "float32", shape: [1, 1, 1, channels, multiplier] },
      { keepdims: 1 },
    );
  });
  return reshape(graph, concat(graph, sums, 0), filterShape);
};

export const convolutionRules: KernelRules = {
  Conv2D: convolution(false),
  Conv3D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedConv2D: fusedConvolution(false),
  FusedDepthwiseConv2D: fusedConvolution(true),
  Conv2DBackpropInput: (graph, inputs, attributes) =>
    backpropInput(graph, inputs.dy!, inputNamed(inputs, "filter"), attributes.inputShape, attributes, false),
  Conv3DBackpropInputV2: (graph, inputs, attributes) =>
    backpropInput(graph, inputs.dy!, inputNamed(inputs, "filter"), attributes.inputShape, attributes, false),
  DepthwiseConv2dNativeBackpropInput: (graph, inputs, attributes) =>
    backpropInput(graph, inputs.dy!, inputNamed(inputs, "filter"), attributes.inputShape, attributes, true),
  Conv2DBackpropFilter: backpropFilter,
  Conv3DBackpropFilterV2: backpropFilter,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
};

import type { Graph, Value } from "../graph/graph";
import { unreached } from "./convolution";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { filled } from "./shapes";
import { channelsFirst, channelsLast, poolingWindow, type Window, windowAttributes } from "./window";

function pooling(op: "MaxPool" | "AveragePool"): KernelRule {
  return (graph, { x }, attributes) => {
    const window = poolingWindow(x!.shape, attributes);
    const input = channelsFirst(graph, cast(graph, x!, "float32"));
    const result = graph.node(op, [input], pooled(input, window), windowAttributes(window));
    return cast(graph, channelsLast(graph, result), x!.type);
  };
}

function pooled(input: Value, window: Window): { type: "float32"; shape: number[] } {
  return { type: "float32", shape: [...input.shape.slice(0, 2), ...window.output] };
}

/**
 * Each gradient goes to the position of its window's (first) maximum. Where windows do not overlap a position gets one
 * gradient at most and MaxUnpool places it; else ScatterElements adds them up.
 */
const maxPoolGrad: KernelRule = (graph, inputs, attributes) => {
  const window = poolingWindow(inputs.input!.shape, attributes);
  const input = channelsFirst(graph, cast(graph, inputs.input!, "float32"));
  const output = pooled(input, window);
  const [, positions] = graph.nodeWithOutputs(
    "MaxPool",
    [input],
    [output, { type: "int64", shape: output.shape }],
    windowAttributes(window),
  );
  const dy = channelsFirst(graph, cast(graph, inputs.dy!, "float32"));
  return channelsLast(graph, scatter(graph, dy, positions!, input.shape, window));
};

/** ONNX counts positions channel by channel, TensorFlow.js pixel by pixel. */
const maxPoolWithArgmax: KernelRule = (graph, { x }, { includeBatchInIndex, ...attributes }) => {
  const window = poolingWindow(x!.shape, attributes);
  const [batch, height, width, channels] = x!.shape as [number, number, number, number];
  const input = channelsFirst(graph, cast(graph, x!, "float32"));
  const output = pooled(input, window);
  const [values, positions] = graph.nodeWithOutputs(
    "MaxPool",
    [input],
    [output, { type: "int64", shape: output.shape }],
    windowAttributes(window),
  );
  const pixel = graph.node("Mod", [positions!, graph.scalar(height * width, "int64")], positions!);
  const scaled = graph.node("Mul", [pixel, graph.scalar(channels, "int64")], positions!);
  const offsets = BigInt64Array.from({ length: batch * channels }, (_, i) => {
    const image = includeBatchInIndex ? Math.floor(i / channels) * height * width * channels : 0;
    return BigInt(image + (i % channels));
  });
  const shift = graph.constant(offsets, "int64", [batch, channels, 1, 1]);
  const indices = graph.node("Add", [scaled, shift], positions!);
  return [
    cast(graph, channelsLast(graph, values!), x!.type),
    cast(graph, channelsLast(graph, indices), "int32"),
  ];
};

function scatter(graph: Graph, dy: Value, positions: Value, shape: readonly number[], window: Window): Value {
  const { kernel, strides } = window;
  if (kernel.every((length, i) => length <= strides[i]!)) {
    return graph.node(
      "MaxUnpool",
      [dy, positions, graph.int64(shape)],
      { type: "float32", shape },
      windowAttributes(window),
    );
  }
  const sum = graph.node(
    "ScatterElements",
    [
      filled(graph, [sizeOf(shape)], "float32", 0),
      reshape(graph, positions, [sizeOf(dy.shape)]),
      reshape(graph, dy, [sizeOf(dy.shape)]),
    ],
    { type: "float32", shape: [sizeOf(shape)] },
    { axis: 0, reduction: "add" },
  );
  return reshape(graph, sum, shape);
}

/** Each window spreads its gradient evenly; as in tfjs-cpu over all of its positions, those in the padding included. */
const avgPoolGrad: KernelRule = (graph, inputs, attributes) => {
  const window = poolingWindow(inputs.input!.shape, attributes);
  const dy = channelsFirst(graph, inputs.dy!);
  const channels = dy.shape[1]!;
  const weights = filled(graph, [channels, 1, ...window.kernel], "float32", 1 / sizeOf(window.kernel));
  const dx = graph.node(
    "ConvTranspose",
    [dy, weights],
    { type: "float32", shape: [dy.shape[0]!, channels, ...window.input] },
    { ...windowAttributes(window), output_padding: unreached(window), group: channels },
  );
  return channelsLast(graph, dx);
};

export const poolingRules: KernelRules = {
  MaxPool: pooling("MaxPool"),
  MaxPool3D: pooling("MaxPool"),
  MaxPoolGrad: maxPoolGrad,
  MaxPool3DGrad: maxPoolGrad,
  MaxPoolWithArgmax: maxPoolWithArgmax,
  AvgPool: pooling("AveragePool"),
  AvgPool3D: pooling("AveragePool"),
  AvgPoolGrad: avgPoolGrad,
  AvgPool3DGrad: avgPoolGrad,
};

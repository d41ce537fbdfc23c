import type { Graph, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, type RuleAttributes, reshape } from "./rule";
import { channelsFirst, channelsLast, permute } from "./window";

/** How each output position of a resized axis draws on the input positions: `[output, input]` weights. */
function resizeWeights(
  input: number,
  output: number,
  { alignCorners, halfPixelCenters }: RuleAttributes,
  nearest: boolean,
): Float32Array {
  const inner = alignCorners && output > 1;
  const ratio = (inner ? input - 1 : input) / (inner ? output - 1 : output);
  const weights = new Float32Array(output * input);
  for (let i = 0; i < output; i++) {
    if (nearest) {
      const source = ratio * (halfPixelCenters ? i + 0.5 : i);
      const at = Math.min(input - 1, alignCorners ? Math.round(source) : Math.floor(source));
      weights[i * input + Math.max(0, at)] = 1;
    } else {
      const source = halfPixelCenters ? ratio * (i + 0.5) - 0.5 : ratio * i;
      const low = Math.max(0, Math.floor(source));
      const high = Math.min(input - 1, Math.ceil(source));
      weights[i * input + low]! += 1 - (source - low);
      weights[i * input + high]! += source - low;
    }
  }
  return weights;
}

/** One product from the left on an axis of `x`: `[.., input, ..]` -> `[.., output, ..]`. */
function alongAxis(graph: Graph, weights: Value, x: Value, axis: number): Value {
  const before = x.shape.slice(0, axis).reduce((product, length) => product * length, 1);
  const after = x.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const [output] = weights.shape as [number];
  const product = graph.node("MatMul", [weights, reshape(graph, x, [before, x.shape[axis]!, after])], {
    type: "float32",
    shape: [before, output, after],
  });
  return reshape(
    graph,
    product,
    x.shape.map((length, i) => (i === axis ? output : length)),
  );
}

/** Rows, then columns: both kinds of resizing are separable and linear. The gradient multiplies by the transposes. */
function resize(
  graph: Graph,
  x: Value,
  from: readonly number[],
  to: readonly number[],
  attributes: RuleAttributes,
  nearest: boolean,
  transposed: boolean,
): Value {
  return [0, 1].reduce(
    (value, i) => {
      const [input, output] = [from[i]!, to[i]!];
      const weights = graph.constant(resizeWeights(input, output, attributes, nearest), "float32", [
        output,
        input,
      ]);
      return alongAxis(graph, transposed ? permute(graph, weights, [1, 0]) : weights, value, i + 1);
    },
    cast(graph, x, "float32"),
  );
}

const resizing = (nearest: boolean): KernelRule => {
  return (graph, { images }, attributes) =>
    resize(graph, images!, images!.shape.slice(1, 3), attributes.size, attributes, nearest, false);
};

const resizingGradient = (nearest: boolean): KernelRule => {
  return (graph, { images, dy }, attributes) =>
    resize(graph, dy!, images!.shape.slice(1, 3), dy!.shape.slice(1, 3), attributes, nearest, true);
};

const batchNorm: KernelRule = (graph, { x, mean, variance, offset, scale }, { varianceEpsilon }) => {
  const shifted = graph.node("Add", [variance!, graph.scalar(varianceEpsilon ?? 1e-3, "float32")], variance!);
  const deviation = graph.node("Sqrt", [shifted], variance!);
  const centered = graph.node("Sub", [x!, mean!], x!);
  const scaled = scale ? graph.node("Mul", [centered, scale], x!) : centered;
  const normalized = graph.node("Div", [scaled, deviation], x!);
  return offset ? graph.node("Add", [normalized, offset], x!) : normalized;
};

/** ONNX divides alpha by the number of channels in reach, TensorFlow.js does not. */
const localResponse: KernelRule = (graph, { x }, { depthRadius, bias, alpha, beta }) => {
  const size = 2 * depthRadius + 1;
  const input = channelsFirst(graph, x!);
  const result = graph.node("LRN", [input], input, {
    size,
    bias: { float: bias },
    alpha: { float: alpha * size },
    beta: { float: beta },
  });
  return channelsLast(graph, result);
};

export const imageRules: KernelRules = {
  ResizeBilinear: resizing(false),
  ResizeBilinearGrad: resizingGradient(false),
  ResizeNearestNeighbor: resizing(true),
  ResizeNearestNeighborGrad: resizingGradient(true),
  FusedBatchNorm: batchNorm,
  LRN: localResponse,
};

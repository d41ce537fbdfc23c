import { backend_util } from "@tensorflow/tfjs";
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

/** dy / norm^beta, less 2 alpha beta x times the sum of dy y / norm over the channels in reach. */
const localResponseGradient: KernelRule = (graph, { x, y, dy }, { depthRadius, bias, alpha, beta }) => {
  const channels = x!.shape.at(-1)!;
  const band = Float32Array.from({ length: channels ** 2 }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= depthRadius ? 1 : 0,
  );
  const inReach = graph.constant(band, "float32", [channels, channels]);
  const number = (value: number): Value => graph.scalar(value, "float32");
  const apply = (op: string, a: Value, b: Value): Value => graph.node(op, [a, b], x!);
  const squares = apply("MatMul", apply("Mul", x!, x!), inReach);
  const norm = apply("Add", apply("Mul", squares, number(alpha)), number(bias));
  const shares = apply("MatMul", apply("Div", apply("Mul", dy!, y!), norm), inReach);
  const direct = apply("Mul", dy!, apply("Pow", norm, number(-beta)));
  return apply("Sub", direct, apply("Mul", apply("Mul", x!, shares), number(2 * alpha * beta)));
};

/** The angle is a number, so which pixel goes where is known beforehand. */
const rotate: KernelRule = (graph, { image }, { radians, fillValue, center }) => {
  const [batch, height, width, channels] = image!.shape as [number, number, number, number];
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const sources = Int32Array.from({ length: height * width }, (_, i) => {
    const [x, y] = [(i % width) - centerX, Math.floor(i / width) - centerY];
    const column = Math.round(x * cos - y * sin + centerX);
    const row = Math.round(x * sin + y * cos + centerY);
    const inside = column >= 0 && column < width && row >= 0 && row < height;
    return inside ? row * width + column : -1;
  });
  const fill = Array.from({ length: channels }, (_, channel) =>
    typeof fillValue === "number" ? fillValue : channel === 3 ? 255 : fillValue[channel],
  );
  const shape = [batch, height * width, channels];
  const moved = graph.node(
    "Gather",
    [
      reshape(graph, image!, shape),
      graph.constant(
        sources.map((at) => Math.max(at, 0)),
        "int32",
        [height * width],
      ),
    ],
    { type: image!.type, shape },
    { axis: 1 },
  );
  const isInside = graph.constant(
    Uint8Array.from(sources, (at) => (at >= 0 ? 1 : 0)),
    "bool",
    [height * width, 1],
  );
  const outside = cast(graph, graph.constant(Float32Array.from(fill), "float32", [channels]), image!.type);
  return reshape(graph, graph.node("Where", [isInside, moved, outside], moved), image!.shape);
};

export const imageRules: KernelRules = {
  ResizeBilinear: resizing(false),
  ResizeBilinearGrad: resizingGradient(false),
  ResizeNearestNeighbor: resizing(true),
  ResizeNearestNeighborGrad: resizingGradient(true),
  FusedBatchNorm: batchNorm,
  LRN: localResponse,
  LRNGrad: localResponseGradient,
  RotateWithOffset: rotate,
};

import { backend_util } from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph/graph";
import { unsortedSegmentSum } from "./indexing";
import {
  inputNamed,
  type KernelRule,
  type KernelRules,
  type RuleAttributes,
  type RuleInputs,
  reshape,
} from "./rule";
import { permute } from "./window";

const LOWEST = -3.4028234663852886e38;

/** The sums x + filter that each output is the largest of: `[taps, places, batch, channels]`. */
interface Sums {
  readonly values: Value;
  /** Per tap and place: the position in the image, row by row; -1 outside. */
  readonly positions: Int32Array;
  readonly batch: number;
  readonly channels: number;
  readonly output: readonly [number, number];
}

/** Grayscale dilation looks at the image through a window and takes the largest sum with the filter's taps. */
function sums(graph: Graph, inputs: RuleInputs, attributes: RuleAttributes): Sums {
  const [x, filter] = [inputs.x!, inputNamed(inputs, "filter")];
  const { strides, pad, dilations } = attributes;
  const info = backend_util.computeDilation2DInfo(
    x.shape as never,
    filter.shape as never,
    strides,
    pad,
    "NHWC",
    dilations,
  );
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [taps, places] = [info.filterHeight * info.filterWidth, info.outHeight * info.outWidth];
  const positions = Int32Array.from({ length: taps * places }, (_, i) => {
    const [tap, place] = [Math.floor(i / places), i % places];
    const row =
      Math.floor(place / info.outWidth) * info.strideHeight -
      info.padInfo.top +
      Math.floor(tap / info.filterWidth) * info.dilationHeight;
    const column =
      (place % info.outWidth) * info.strideWidth -
      info.padInfo.left +
      (tap % info.filterWidth) * info.dilationWidth;
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? row * width + column : -1;
  });
  const pixels = reshape(graph, permute(graph, x, [1, 2, 0, 3]), [height * width, batch * channels]);
  const shape = [taps, places, batch, channels];
  const clamped = graph.constant(
    positions.map((at) => Math.max(at, 0)),
    "int32",
    [taps * places],
  );
  const seen = graph.node(
    "Gather",
    [pixels, clamped],
    {
      type: x.type,
      shape: [taps * places, batch * channels],
    },
    { axis: 0 },
  );
  const added = graph.node(
    "Add",
    [reshape(graph, seen, shape), reshape(graph, filter, [taps, 1, 1, channels])],
    { type: x.type, shape },
  );
  const isInside = graph.constant(
    Uint8Array.from(positions, (at) => (at >= 0 ? 1 : 0)),
    "bool",
    [taps, places, 1, 1],
  );
  const values = graph.node("Where", [isInside, added, graph.scalar(LOWEST, x.type)], added);
  return { values, positions, batch, channels, output: [info.outHeight, info.outWidth] };
}

const dilation: KernelRule = (graph, inputs, attributes) => {
  const { values, batch, channels, output } = sums(graph, inputs, attributes);
  const largest = graph.node(
    "ReduceMax",
    [values, graph.int64([0])],
    { type: values.type, shape: values.shape.slice(1) },
    { keepdims: 0 },
  );
  return permute(graph, reshape(graph, largest, [...output, batch, channels]), [2, 0, 1, 3]);
};

/** The output's gradient at the tap that was the (first) largest, 0 at the others: shaped like the sums. */
function taken(graph: Graph, { values }: Sums, dy: Value): Value {
  const [taps, places, batch, channels] = values.shape as [number, number, number, number];
  const first = graph.node(
    "ArgMax",
    [values],
    { type: "int64", shape: [1, places, batch, channels] },
    { axis: 0, keepdims: 1 },
  );
  const order = graph.constant(
    BigInt64Array.from({ length: taps }, (_, i) => BigInt(i)),
    "int64",
    [taps, 1, 1, 1],
  );
  const isTaken = graph.node("Equal", [first, order], { type: "bool", shape: values.shape });
  const spread = reshape(graph, permute(graph, dy, [1, 2, 0, 3]), [1, places, batch, channels]);
  return graph.node("Where", [isTaken, spread, graph.scalar(0, "float32")], values);
}

const inputGradient: KernelRule = (graph, inputs, attributes) => {
  const all = sums(graph, inputs, attributes);
  const { positions, batch, channels } = all;
  const [, height, width] = inputs.x!.shape as [number, number, number, number];
  const rows = reshape(graph, taken(graph, all, inputs.dy!), [positions.length, batch * channels]);
  const segmentIds = graph.constant(positions, "int32", [positions.length]);
  const pixels = unsortedSegmentSum(graph, { x: rows, segmentIds } as never, { numSegments: height * width });
  return permute(graph, reshape(graph, pixels as Value, [height, width, batch, channels]), [2, 0, 1, 3]);
};

const filterGradient: KernelRule = (graph, inputs, attributes) => {
  const at = taken(graph, sums(graph, inputs, attributes), inputs.dy!);
  const [taps, , , channels] = at.shape as [number, number, number, number];
  const total = graph.node(
    "ReduceSum",
    [at, graph.int64([1, 2])],
    { type: at.type, shape: [taps, channels] },
    { keepdims: 0 },
  );
  return reshape(graph, total, inputNamed(inputs, "filter").shape);
};

export const dilationRules: KernelRules = {
  Dilation2D: dilation,
  Dilation2DBackpropInput: inputGradient,
  Dilation2DBackpropFilter: filterGradient,
};

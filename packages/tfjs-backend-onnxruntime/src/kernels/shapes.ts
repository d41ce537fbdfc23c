import { backend_util, slice_util, util } from "@tensorflow/tfjs";
import type { Graph, GraphData, GraphType, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";

/** A tensor of one value: a constant scalar, spread to the shape when the graph runs. */
export function filled(graph: Graph, shape: readonly number[], type: GraphType, value: number): Value {
  const size = sizeOf(shape);
  if (size <= 64 && !graph.shapesVary) {
    const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
    const data: GraphData = new arrays[type as "float32"](size).fill(value);
    return graph.constant(data, type, shape);
  }
  return graph.node("Expand", [graph.scalar(value, type), graph.int64(shape)], { type, shape });
}

export function slice(graph: Graph, x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (begin.every((b, i) => b === 0 && size[i] === x.shape[i])) return x;
  const end = begin.map((b, i) => b + size[i]!);
  const axes = begin.map((_, i) => i);
  return graph.node("Slice", [x, graph.int64(begin), graph.int64(end), graph.int64(axes)], {
    type: x.type,
    shape: size,
  });
}

export function concat(graph: Graph, parts: readonly Value[], axis: number): Value {
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  const present = parts.filter((part) => sizeOf(part.shape) > 0);
  if (present.length === 1) return present[0]!;
  return graph.node("Concat", present.length ? present : parts, { type: parts[0]!.type, shape }, { axis });
}

/** Consecutive pieces along an axis. */
function split(graph: Graph, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  return graph.nodeWithOutputs(
    "Split",
    [x, graph.int64(sizes)],
    sizes.map((size) => ({ type: x.type, shape: x.shape.map((length, i) => (i === axis ? size : length)) })),
    { axis },
  );
}

const transpose: KernelRule = (graph, { x }, { perm }: { perm?: number[] }) => {
  const order = perm ?? x!.shape.map((_, i) => x!.shape.length - 1 - i);
  if (order.every((axis, i) => axis === i)) return x!;
  return graph.node(
    "Transpose",
    [x!],
    { type: x!.type, shape: order.map((axis) => x!.shape[axis]!) },
    { perm: order },
  );
};

/** @param paddings Elements before and after, per axis. */
export function pad(graph: Graph, x: Value, paddings: readonly (readonly number[])[], value: number): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const pads = [...paddings.map(([before]) => before!), ...paddings.map(([, after]) => after!)];
  const shape = x.shape.map((axis, i) => axis + paddings[i]![0]! + paddings[i]![1]!);
  return graph.node(
    "Pad",
    [x, graph.int64(pads), graph.scalar(value, x.type)],
    { type: x.type, shape },
    { mode: "constant" },
  );
}

export const shapeRules: KernelRules = {
  Reshape: (graph, { x }, { shape }) => {
    const wanted = util.inferFromImplicitShape(shape, sizeOf(x!.shape));
    return reshape(graph, x!, wanted);
  },
  ExpandDims: (graph, { input }, { dim }) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshape(graph, input!, shape);
  },
  Transpose: transpose,
  PadV2: (graph, { x }, { paddings, constantValue }) => pad(graph, x!, paddings, constantValue),
  Slice: (graph, { x }, { begin, size }) => {
    const whole = { shape: [...x!.shape] } as never;
    const [from, lengths] = slice_util.parseSliceParams(whole, begin, size);
    slice_util.assertParamsValid(whole, from!, lengths!);
    return slice(graph, x!, from!, lengths!);
  },
  Concat: (graph, inputs, { axis }) => {
    const shapes = inputs.map(({ shape }) => [...shape]);
    const at = util.parseAxisParam(axis, shapes[0]!)[0]!;
    backend_util.assertParamsConsistent(shapes, at);
    return concat(
      graph,
      inputs.map((input) => cast(graph, input, inputs[0]!.type)),
      at,
    );
  },
  SplitV: (graph, { x }, { numOrSizeSplits, axis }) => {
    const at = util.parseAxisParam(axis, [...x!.shape])[0]!;
    const whole = { shape: [...x!.shape] } as never;
    const sizes = backend_util.prepareSplitSize(whole, numOrSizeSplits, at);
    return split(graph, x!, sizes, at);
  },
  Pack: (graph, inputs, { axis }) => {
    const shape = [...inputs[0]!.shape];
    for (const input of inputs)
      util.assertShapesMatch(
        shape,
        [...input.shape],
        "All tensors passed to stack must have matching shapes",
      );
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    shape.splice(at, 0, 1);
    return concat(
      graph,
      [...inputs].map((input) => reshape(graph, input, shape)),
      at,
    );
  },
  Unpack: (graph, { value }, { axis }) => {
    const at = axis < 0 ? axis + value!.shape.length : axis;
    const sizes = new Array(value!.shape[at]!).fill(1);
    const shape = value!.shape.filter((_, i) => i !== at);
    return split(graph, value!, sizes, at).map((piece) => reshape(graph, piece, shape));
  },
  Tile: (graph, { x }, attributes) => {
    const reps: number[] = attributes.reps;
    if (reps.every((count) => count === 1)) return x!;
    const shape = x!.shape.map((axis, i) => axis * reps[i]!);
    return graph.node("Tile", [x!, graph.int64(reps)], { type: x!.type, shape });
  },
  BroadcastTo: (graph, { x }, { shape }) =>
    graph.node("Expand", [x!, graph.int64(shape)], { type: x!.type, shape }),
  Reverse: (graph, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, [...x!.shape]);
    const starts = axes.map(() => -1);
    const ends = axes.map((axis) => -x!.shape[axis]! - 1);
    return graph.node(
      "Slice",
      [x!, graph.int64(starts), graph.int64(ends), graph.int64(axes), graph.int64(axes.map(() => -1))],
      x!,
    );
  },
  Fill: (graph, _inputs, { shape, value, dtype }) => filled(graph, shape, dtype ?? "float32", Number(value)),
  ZerosLike: (graph, { x }) => filled(graph, x!.shape, x!.type, 0),
  OnesLike: (graph, { x }) => filled(graph, x!.shape, x!.type, 1),
};

import { backend_util, slice_util } from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { pad, shapeRules, slice } from "./shapes";
import { permute } from "./window";

const stridedSlice: KernelRule = (graph, { x }, attributes) => {
  const { begin, end, strides, finalShapeSparse, finalShape } = slice_util.sliceInfo(
    [...x!.shape],
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  // Backwards to the very first element ends at -1, which ONNX would count from the end.
  const ends = end.map((at, i) => (strides[i]! < 0 && at < 0 ? -x!.shape[i]! - 1 : at));
  const axes = begin.map((_, i) => i);
  const result = graph.node(
    "Slice",
    [x!, graph.int64(begin), graph.int64(ends), graph.int64(axes), graph.int64(strides)],
    { type: x!.type, shape: finalShapeSparse },
  );
  return reshape(graph, result, finalShape);
};

const batchToSpace: KernelRule = (graph, { x }, { blockShape, crops }) => {
  const block: number[] = blockShape;
  const shape = [...x!.shape];
  const split = backend_util.getReshaped(shape, block, sizeOf(block));
  const order = backend_util.getPermuted(split.length, block.length);
  const joined = backend_util.getReshapedPermuted(shape, block, sizeOf(block));
  const spread = reshape(graph, permute(graph, reshape(graph, x!, split), order), joined);
  // Both speak of the batch and the cropped axes only.
  const begin = backend_util.getSliceBeginCoords(crops, block.length);
  const size = backend_util.getSliceSize(joined, crops, block.length);
  const rest = joined.slice(size.length);
  return slice(graph, spread, [...begin, ...rest.map(() => 0)], [...size, ...rest]);
};

const spaceToBatch: KernelRule = (graph, { x }, { blockShape, paddings }) => {
  const block: number[] = blockShape;
  const rest = x!.shape.slice(1 + block.length).map(() => [0, 0]);
  const padded = pad(graph, x!, [[0, 0], ...paddings, ...rest], 0);
  const shape = [...padded.shape];
  const split = backend_util.getReshaped(shape, block, sizeOf(block), false);
  const order = backend_util.getPermuted(split.length, block.length, false);
  const joined = backend_util.getReshapedPermuted(shape, block, sizeOf(block), false);
  return reshape(graph, permute(graph, reshape(graph, padded, split), order), joined);
};

const depthToSpace: KernelRule = (graph, { x }, { blockSize }) => {
  const [batch, height, width, depth] = x!.shape as [number, number, number, number];
  const channels = depth / (blockSize * blockSize);
  const split = reshape(graph, x!, [batch, height, width, blockSize, blockSize, channels]);
  return reshape(graph, permute(graph, split, [0, 1, 3, 2, 4, 5]), [
    batch,
    height * blockSize,
    width * blockSize,
    channels,
  ]);
};

const mirrorPad: KernelRule = (graph, { x }, { paddings, mode }) => {
  if (mode !== "reflect") {
    throw new SymgradError("E_TRACE", `MirrorPad: the mode "${mode}" cannot be traced.`, {
      hint: 'use "reflect", or join reversed slices with tf.concat',
    });
  }
  const pairs: [number, number][] = paddings;
  const pads = [...pairs.map(([before]) => before), ...pairs.map(([, after]) => after)];
  const shape = x!.shape.map((length, i) => length + pairs[i]![0] + pairs[i]![1]);
  return graph.node("Pad", [x!, graph.int64(pads)], { type: x!.type, shape }, { mode: "reflect" });
};

/** Values, and where they stood: the largest first; of equal ones the first. */
const topK: KernelRule = (graph, { x }, { k }) => {
  const shape = [...x!.shape.slice(0, -1), k];
  const numbers = x!.type === "bool" ? cast(graph, x!, "int32") : x!;
  const [values, indices] = graph.nodeWithOutputs(
    "TopK",
    [numbers, graph.int64([k])],
    [
      { type: numbers.type, shape },
      { type: "int64", shape },
    ],
    { axis: -1, largest: 1, sorted: 1 },
  );
  return [cast(graph, values!, x!.type), cast(graph, indices!, "int32")];
};

const einsum: KernelRule = (graph, inputs, attributes) => {
  const equation: string = attributes.equation;
  const tensors: Value[] = Object.values(inputs as object);
  const [terms, result] = equation.replace(/\s/g, "").split("->") as [string, string];
  const lengths = new Map<string, number>();
  terms.split(",").forEach((term, i) => {
    [...term].forEach((letter, axis) => {
      lengths.set(letter, tensors[i]!.shape[axis]!);
    });
  });
  const shape = [...result].map((letter) => lengths.get(letter)!);
  return graph.node("Einsum", tensors, { type: tensors[0]!.type, shape }, { equation });
};

const gatherNd: KernelRule = (graph, { params, indices }) => {
  const depth = indices!.shape.at(-1)!;
  const shape = [...indices!.shape.slice(0, -1), ...params!.shape.slice(depth)];
  return graph.node("GatherND", [params!, cast(graph, indices!, "int64")], { type: params!.type, shape });
};

/** A square matrix over all elements, as `[...shape, ...shape]`. */
const diag: KernelRule = (graph, { x }) => {
  const size = sizeOf(x!.shape);
  const order = Int32Array.from({ length: size }, (_, i) => i);
  const isDiagonal = graph.node(
    "Equal",
    [graph.constant(order, "int32", [size, 1]), graph.constant(order, "int32", [1, size])],
    { type: "bool", shape: [size, size] },
  );
  const matrix = graph.node("Where", [isDiagonal, reshape(graph, x!, [1, size]), graph.scalar(0, x!.type)], {
    type: x!.type,
    shape: [size, size],
  });
  return reshape(graph, matrix, [...x!.shape, ...x!.shape]);
};

/** Two shapes as values: the shorter is led by ones, and a 1 gives way. Whether they agree is not checked. */
const broadcastArgs: KernelRule = (graph, { s0, s1 }) => {
  const rank = Math.max(s0!.shape[0]!, s1!.shape[0]!);
  const [a, b] = [s0!, s1!].map((s) => pad(graph, s, [[rank - s.shape[0]!, 0]], 1)) as [Value, Value];
  const isOne = graph.node("Equal", [a, graph.scalar(1, "int32")], { type: "bool", shape: [rank] });
  return graph.node("Where", [isOne, b, a], { type: "int32", shape: [rank] });
};

export const rearrangementRules: KernelRules = {
  Diag: diag,
  BroadcastArgs: broadcastArgs,
  StridedSlice: stridedSlice,
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
  DepthToSpace: depthToSpace,
  MirrorPad: mirrorPad,
  TopK: topK,
  Einsum: einsum,
  GatherNd: gatherNd,
  FlipLeftRight: (graph, { image }, attributes) =>
    shapeRules.Reverse!(graph, { x: image! } as never, { ...attributes, dims: [2] }),
};

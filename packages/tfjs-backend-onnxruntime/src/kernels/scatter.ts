import { backend_util } from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph/graph";
import { unsortedSegmentSum } from "./indexing";
import { reductionRules } from "./reductions";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";

/** A tensor as rows, and which of them the indices, `[..., depth]` into the first axes of `shape`, name. */
interface Rows {
  readonly count: number;
  readonly width: number;
  /** int32 `[updates]` */
  readonly ids: Value;
}

function rowsOf(graph: Graph, updates: Value, indices: Value, shape: readonly number[]): Rows {
  const info = backend_util.calculateShapes(
    { shape: [...updates.shape], rank: updates.shape.length } as never,
    { shape: [...indices.shape], rank: indices.shape.length } as never,
    [...shape],
  );
  const { sliceRank, numUpdates, sliceSize, strides, outputSize } = info;
  const table = reshape(graph, cast(graph, indices, "int32"), [numUpdates, sliceRank]);
  const steps = graph.constant(Int32Array.from(strides.slice(0, sliceRank)), "int32", [sliceRank]);
  const ids = graph.node(
    "ReduceSum",
    [graph.node("Mul", [table, steps], table), graph.int64([1])],
    {
      type: "int32",
      shape: [numUpdates],
    },
    { keepdims: 0 },
  );
  return { count: outputSize / sliceSize, width: sliceSize, ids };
}

/** Equal indices add up. Negative ones are dropped, and those behind the end. */
const scatterNd: KernelRule = (graph, { indices, updates }, { shape }) => {
  const { count, width, ids } = rowsOf(graph, updates!, indices!, shape);
  const rows = reshape(graph, updates!, [sizeOf(ids.shape), width]);
  const sums = unsortedSegmentSum(graph, { x: rows, segmentIds: ids } as never, { numSegments: count });
  return reshape(graph, sums as Value, shape);
};

/** `base` with some rows replaced; of equal indices the last wins, as ScatterElements goes through them in order. */
function replaceRows(graph: Graph, base: Value, indices: Value, updates: Value): Value {
  const { count, width, ids } = rowsOf(graph, updates, indices, base.shape);
  const shape = [sizeOf(ids.shape), width];
  const index = graph.node(
    "Expand",
    [reshape(graph, cast(graph, ids, "int64"), [shape[0]!, 1]), graph.int64(shape)],
    { type: "int64", shape },
  );
  const values =
    updates.shape.length === 0
      ? graph.node("Expand", [updates, graph.int64(shape)], { type: base.type, shape })
      : reshape(graph, updates, shape);
  const rows = reshape(graph, base, [count, width]);
  const result = graph.node("ScatterElements", [rows, index, values], rows, { axis: 0 });
  return reshape(graph, result, base.shape);
}

const sparseToDense: KernelRule = (graph, inputs, { outputShape }) => {
  const values = inputs.sparseValues!;
  const start = reshape(graph, cast(graph, inputs.defaultValue!, values.type), []);
  const base = graph.node("Expand", [start, graph.int64(outputShape)], {
    type: values.type,
    shape: outputShape,
  });
  return replaceRows(graph, base, inputs.sparseIndices!, values);
};

/** The same places of a tensor of another shape, which may hold one -1; whether they have the same size is not checked. */
const sparseReshape: KernelRule = (graph, { inputIndices, inputShape, newShape }) => {
  const [count] = inputIndices!.shape as [number, number];
  const [to] = newShape!.shape as [number];
  const int = (length: number) => ({ type: "int32", shape: [length] }) as const;
  const product = (x: Value): Value =>
    graph.node("ReduceProd", [x, graph.int64([0])], { type: "int32", shape: [] }, { keepdims: 0 });
  const steps = (shape: Value): Value =>
    reductionRules.Cumprod!(graph, { x: shape } as never, {
      axis: 0,
      exclusive: true,
      reverse: true,
    }) as Value;
  const isOpen = graph.node("Less", [newShape!, graph.scalar(0, "int32")], { type: "bool", shape: [to] });
  const known = graph.node("Where", [isOpen, graph.scalar(1, "int32"), newShape!], int(to));
  // Dividing integers by 0, the length of an empty axis, would end the process.
  const atLeast1 = (x: Value): Value => graph.node("Max", [x, graph.scalar(1, "int32")], x);
  const open = graph.node("Div", [product(inputShape!), atLeast1(product(known))], {
    type: "int32",
    shape: [],
  });
  const shape = graph.node("Where", [isOpen, open, known], int(to));
  const flat = graph.node(
    "ReduceSum",
    [graph.node("Mul", [inputIndices!, steps(inputShape!)], inputIndices!), graph.int64([1])],
    { type: "int32", shape: [count, 1] },
    { keepdims: 1 },
  );
  const table = { type: "int32", shape: [count, to] } as const;
  const rows = graph.node("Div", [flat, atLeast1(steps(shape))], table);
  const indices = graph.node("Mod", [rows, atLeast1(shape)], table);
  return [indices, shape];
};

export const scatterRules: KernelRules = {
  ScatterNd: scatterNd,
  TensorScatterUpdate: (graph, { tensor, indices, updates }) =>
    replaceRows(graph, tensor!, indices!, updates!),
  SparseToDense: sparseToDense,
  SparseReshape: sparseReshape,
};

import type { Graph, GraphType, Value } from "../graph/graph";
import { unsortedSegmentSum } from "./indexing";
import { cast, inputNamed, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { filled } from "./shapes";

/** How often each number below `size` occurs among `x`, or what the weights at its places add up to. */
function counts(graph: Graph, x: Value, weights: Value, size: number): Value {
  const rows = sizeOf(x.shape);
  const each = sizeOf(weights.shape) > 0 ? weights : filled(graph, [rows], weights.type, 1);
  const inputs = { x: reshape(graph, each, [rows, 1]), segmentIds: reshape(graph, x, [rows]) };
  return reshape(graph, unsortedSegmentSum(graph, inputs as never, { numSegments: size }) as Value, [size]);
}

/** Each row counts for itself: its numbers are shifted to a range of their own, those behind the end out of all. */
const denseBincount: KernelRule = (graph, { x, weights }, { size, binaryOutput }) => {
  const ids = cast(graph, x!, "int32");
  if (ids.shape.length === 1) return counts(graph, ids, weights!, size);
  const [rows] = ids.shape as [number, number];
  const offsets = graph.constant(
    Int32Array.from({ length: rows }, (_, i) => i * size),
    "int32",
    [rows, 1],
  );
  const isKnown = graph.node("Less", [ids, graph.scalar(size, "int32")], { type: "bool", shape: ids.shape });
  const shifted = graph.node("Add", [ids, offsets], ids);
  const own = graph.node("Where", [isKnown, shifted, graph.scalar(-1, "int32")], ids);
  const each = binaryOutput ? filled(graph, [0], weights!.type, 0) : weights!;
  const result = reshape(graph, counts(graph, own, each, rows * size), [rows, size]);
  if (!binaryOutput) return result;
  const zero = graph.scalar(0, result.type);
  const present = graph.node("Greater", [result, zero], { type: "bool", shape: result.shape });
  return cast(graph, present, result.type);
};

/** A sorted row's first place that a value could take (left), or the last (right): how many are smaller, or not larger. */
const searchSorted: KernelRule = (graph, inputs, { side }) => {
  const [sortedSequence, values] = [inputs.sortedSequence!, inputNamed(inputs, "values")];
  const [batch, length] = sortedSequence.shape as [number, number];
  const [, wanted] = values.shape as [number, number];
  const type: GraphType = sortedSequence.type === "float32" ? "float32" : values.type;
  const shape = [batch, wanted, length];
  const isBefore = graph.node(
    side === "left" ? "Less" : "LessOrEqual",
    [
      reshape(graph, cast(graph, sortedSequence, type), [batch, 1, length]),
      reshape(graph, cast(graph, values, type), [batch, wanted, 1]),
    ],
    { type: "bool", shape },
  );
  return graph.node(
    "ReduceSum",
    [cast(graph, isBefore, "int32"), graph.int64([2])],
    { type: "int32", shape: [batch, wanted] },
    { keepdims: 0 },
  );
};

export const countingRules: KernelRules = {
  Bincount: (graph, { x, weights }, { size }) => counts(graph, cast(graph, x!, "int32"), weights!, size),
  DenseBincount: denseBincount,
  SearchSorted: searchSorted,
};

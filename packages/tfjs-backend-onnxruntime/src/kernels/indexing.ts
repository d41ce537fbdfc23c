import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import { matMul } from "./matrix";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { filled, slice } from "./shapes";

/**
 * Up to this many segments a one-hot matrix product is faster than a scatter, which adds one element after the other
 * (6,144 rows of 64 into 190 segments: 3 ms against 13), as long as the one-hot matrix stays small.
 */
const ONE_HOT_SEGMENTS = 512;
const ONE_HOT_ELEMENTS = 1 << 24;

/** 1 where an index equals the position on the last, new axis; indices out of range match nowhere. */
function oneHotMask(graph: Graph, indices: Value, depth: number): Value {
  const column = reshape(graph, cast(graph, indices, "int32"), [...indices.shape, 1]);
  const positions = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    "int32",
    [depth],
  );
  return graph.node("Equal", [column, positions], { type: "bool", shape: [...indices.shape, depth] });
}

/**
 * The rows of an argmax over the last axis, which ONNX has as one operator: a quarter of the time, since nothing needs
 * the index any more.
 */
function hardmax(graph: Graph, indices: Value, depth: number): Value | undefined {
  const index = graph.producer(indices)?.inputs[0]; // before the cast from int64
  const argMax = index && graph.producer(index);
  const x = argMax?.inputs[0];
  if (argMax?.op !== "ArgMax" || x?.type !== "float32") return undefined;
  const lastAxis = x.shape.length - 1;
  if (argMax.attributes.axis !== lastAxis || x.shape[lastAxis] !== depth) return undefined;
  return graph.node("Hardmax", [x], x, { axis: lastAxis });
}

const oneHot: KernelRule = (graph, { indices }, { depth, onValue, offValue, dtype }) => {
  const type = dtype ?? "int32";
  const rows = onValue === 1 && offValue === 0 ? hardmax(graph, indices!, depth) : undefined;
  if (rows) return cast(graph, rows, type);
  const mask = oneHotMask(graph, indices!, depth);
  if (onValue === 1 && offValue === 0) return cast(graph, mask, type);
  return graph.node("Where", [mask, graph.scalar(onValue, type), graph.scalar(offValue, type)], {
    type,
    shape: mask.shape,
  });
};

const gather: KernelRule = (graph, { x, indices }, { axis, batchDims = 0 }) => {
  const at = axis < 0 ? axis + x!.shape.length : axis;
  const ids = cast(graph, indices!, "int32");
  if (batchDims === 0) {
    const shape = [...x!.shape.slice(0, at), ...ids.shape, ...x!.shape.slice(at + 1)];
    return graph.node("Gather", [x!, ids], { type: x!.type, shape }, { axis: at });
  }
  if (at !== batchDims) {
    throw new SymgradError("E_TRACE", `GatherV2: axis ${at} with batchDims ${batchDims} cannot be traced.`, {
      hint: "move the gathered axis right after the batch axes (tf.transpose) before tf.gather",
    });
  }
  // The batch axes are folded into the gathered one; each batch entry's indices are shifted to its own block.
  const rows = x!.shape[at]!;
  const batch = sizeOf(x!.shape.slice(0, at));
  const perBatch = sizeOf(ids.shape.slice(batchDims));
  const flatRows = reshape(graph, x!, [batch * rows, ...x!.shape.slice(at + 1)]);
  const offsets = graph.constant(
    Int32Array.from({ length: batch }, (_, i) => i * rows),
    "int32",
    [batch, 1],
  );
  const shifted = graph.node("Add", [reshape(graph, ids, [batch, perBatch]), offsets], {
    type: "int32",
    shape: [batch, perBatch],
  });
  const shape = [...ids.shape, ...x!.shape.slice(at + 1)];
  const gathered = graph.node(
    "Gather",
    [flatRows, shifted],
    { type: x!.type, shape: [batch, perBatch, ...x!.shape.slice(at + 1)] },
    { axis: 0 },
  );
  return reshape(graph, gathered, shape);
};

/**
 * Row sums by segment, the gradient of a gather. Never ScatterND: ONNX Runtime's adds duplicates without a lock at
 * two threads and more (microsoft/onnxruntime issues 23396 and 18048). Negative segments are dropped, as in tfjs.
 */
export const unsortedSegmentSum: KernelRule = (graph, { x, segmentIds }, { numSegments }) => {
  const rows = sizeOf(segmentIds!.shape);
  const inner = sizeOf(x!.shape) / Math.max(rows, 1);
  const matrix = reshape(graph, x!, [rows, inner]);
  const ids = reshape(graph, cast(graph, segmentIds!, "int32"), [rows]);
  const shape = [numSegments, ...x!.shape.slice(segmentIds!.shape.length)];
  const fewSegments = numSegments <= ONE_HOT_SEGMENTS && rows * numSegments <= ONE_HOT_ELEMENTS;
  if (fewSegments && x!.type === "float32") {
    const selection = cast(graph, oneHotMask(graph, ids, numSegments), "float32");
    return reshape(graph, matMul(graph, selection, matrix, true, false), shape);
  }
  const vector = { type: "bool", shape: [rows] } as const;
  const below = graph.node("Less", [ids, graph.scalar(0, "int32")], vector);
  const above = graph.node("GreaterOrEqual", [ids, graph.scalar(numSegments, "int32")], vector);
  const outside = graph.node("Or", [below, above], vector);
  const bounded = graph.node("Where", [outside, graph.scalar(numSegments, "int32"), ids], {
    type: "int32",
    shape: [rows],
  });
  const columns = reshape(graph, cast(graph, bounded, "int64"), [rows, 1]);
  const index = graph.node("Expand", [columns, graph.int64([rows, inner])], {
    type: "int64",
    shape: [rows, inner],
  });
  const zeros = filled(graph, [numSegments + 1, inner], x!.type, 0);
  const sums = graph.node(
    "ScatterElements",
    [zeros, index, matrix],
    { type: x!.type, shape: [numSegments + 1, inner] },
    { axis: 0, reduction: "add" },
  );
  const result = reshape(graph, slice(graph, sums, [0, 0], [numSegments, inner]), shape);
  if (x!.type === "float32") graph.rowSums.set(result.name, { rows: matrix, ids });
  return result;
};

export const indexingRules: KernelRules = {
  GatherV2: gather,
  OneHot: oneHot,
  UnsortedSegmentSum: unsortedSegmentSum,
};

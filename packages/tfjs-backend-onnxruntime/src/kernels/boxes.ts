import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { concat, slice } from "./shapes";

/** One coordinate of every box, `[boxes, 1]`. */
function coordinate(graph: Graph, boxes: Value, at: number): Value {
  return slice(graph, boxes, [0, at], [boxes.shape[0]!, 1]);
}

/** Where a crop samples one axis of the image, `[boxes, samples, length]` weights, and which samples lie inside it. */
function sampling(
  graph: Graph,
  boxes: Value,
  corner: number,
  length: number,
  samples: number,
  nearest: boolean,
) {
  const count = boxes.shape[0]!;
  const column = { type: "float32", shape: [count, 1] } as const;
  const table = { type: "float32", shape: [count, samples] } as const;
  const bool = { type: "bool", shape: [count, samples] } as const;
  const number = (value: number): Value => graph.scalar(value, "float32");
  const [start, end] = [coordinate(graph, boxes, corner), coordinate(graph, boxes, corner + 2)];
  const last = number(length - 1);
  const steps = graph.constant(
    Float32Array.from({ length: samples }, (_, i) => (samples > 1 ? i / (samples - 1) : 0.5)),
    "float32",
    [1, samples],
  );
  const span = graph.node("Mul", [graph.node("Sub", [end, start], column), last], column);
  const from = graph.node("Mul", [start, last], column);
  const place = graph.node("Add", [from, graph.node("Mul", [span, steps], table)], table);
  const isInside = graph.node(
    "And",
    [graph.node("GreaterOrEqual", [place, number(0)], bool), graph.node("LessOrEqual", [place, last], bool)],
    bool,
  );
  const shape = [count, samples, length];
  const pixels = graph.constant(
    Float32Array.from({ length }, (_, i) => i),
    "float32",
    [1, 1, length],
  );
  const at = reshape(graph, place, [count, samples, 1]);
  if (nearest) {
    const rounded = graph.node("Floor", [graph.node("Add", [at, number(0.5)], at)], at);
    const isNearest = graph.node("Equal", [rounded, pixels], { type: "bool", shape });
    return { weights: cast(graph, isNearest, "float32"), isInside };
  }
  // Linear: 1 - distance to the pixels on both sides, 0 to all others.
  const full = { type: "float32", shape } as const;
  const distance = graph.node("Abs", [graph.node("Sub", [at, pixels], full)], full);
  const weights = graph.node("Relu", [graph.node("Sub", [number(1), distance], full)], full);
  return { weights, isInside };
}

/** Each crop is a product with the row weights from the left and the column weights from the right. */
const cropAndResize: KernelRule = (graph, inputs, { cropSize, method, extrapolationValue }) => {
  const [height, width, channels] = inputs.image!.shape.slice(1) as [number, number, number];
  const [rows, columns] = cropSize as [number, number];
  const boxes = inputs.boxes!;
  const count = boxes.shape[0]!;
  const nearest = method === "nearest";
  const vertical = sampling(graph, boxes, 0, height, rows, nearest);
  const horizontal = sampling(graph, boxes, 1, width, columns, nearest);
  const images = graph.node(
    "Gather",
    [cast(graph, inputs.image!, "float32"), cast(graph, inputs.boxInd!, "int32")],
    { type: "float32", shape: [count, height, width, channels] },
    { axis: 0 },
  );
  const down = graph.node(
    "MatMul",
    [vertical.weights, reshape(graph, images, [count, height, width * channels])],
    { type: "float32", shape: [count, rows, width * channels] },
  );
  const across = graph.node(
    "MatMul",
    [
      reshape(graph, horizontal.weights, [count, 1, columns, width]),
      reshape(graph, down, [count, rows, width, channels]),
    ],
    { type: "float32", shape: [count, rows, columns, channels] },
  );
  const isInside = graph.node(
    "And",
    [
      reshape(graph, vertical.isInside, [count, rows, 1, 1]),
      reshape(graph, horizontal.isInside, [count, 1, columns, 1]),
    ],
    { type: "bool", shape: [count, rows, columns, 1] },
  );
  return graph.node("Where", [isInside, across, graph.scalar(extrapolationValue, "float32")], across);
};

/** Only padded: how many boxes are left follows from their values. */
const nonMaxSuppression: KernelRule = (graph, { boxes, scores }, attributes) => {
  const { maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize } = attributes;
  if (!padToMaxOutputSize) {
    throw new SymgradError("E_TRACE", "NonMaxSuppressionV4: without padding it cannot be traced.", {
      hint: "set padToMaxOutputSize in tf.image.nonMaxSuppressionPadded: then its shape does not depend on values",
    });
  }
  const count = sizeOf(scores!.shape);
  const threshold = (value: number): Value => graph.constant(Float32Array.of(value), "float32", [1]);
  // As many rows as boxes are selected, whatever the shape says here: (batch, class, box).
  const selected = graph.node(
    "NonMaxSuppression",
    [
      reshape(graph, boxes!, [1, count, 4]),
      reshape(graph, scores!, [1, 1, count]),
      graph.int64([maxOutputSize]),
      threshold(iouThreshold),
      threshold(scoreThreshold),
    ],
    { type: "int64", shape: [maxOutputSize, 3] },
  );
  const rest = graph.constant(new BigInt64Array(maxOutputSize * 3), "int64", [maxOutputSize, 3]);
  const padded = concat(graph, [selected, rest], 0);
  const indices = reshape(graph, slice(graph, padded, [0, 2], [maxOutputSize, 1]), [maxOutputSize]);
  const lengths = graph.node("Shape", [selected], { type: "int64", shape: [2] });
  const valid = reshape(graph, slice(graph, lengths, [0], [1]), []);
  return [cast(graph, indices, "int32"), cast(graph, valid, "int32")];
};

export const boxRules: KernelRules = {
  CropAndResize: cropAndResize,
  NonMaxSuppressionV4: nonMaxSuppression,
};

import { util } from "@tensorflow/tfjs";
import type { Graph, GraphType, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, reshape, sizeOf } from "./rule";
import { filled, pad, slice } from "./shapes";

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((axis, i) => (axes.includes(i) ? 1 : axis));
  return shape.filter((_, i) => !axes.includes(i));
}

/** `axis` may be missing (all axes), one axis or several, negative ones counted from the end. */
function reduce(graph: Graph, op: string, x: Value, axis: number | number[] | null, keepDims = false): Value {
  const axes = util.parseAxisParam(axis as never, [...x.shape]);
  const shape = reducedShape(x.shape, axes, keepDims);
  if (axes.length === 0) return x;
  return graph.node(op, [x, graph.int64(axes)], { type: x.type, shape }, { keepdims: keepDims ? 1 : 0 });
}

function reduction(op: string, axisName: string, toType: (type: GraphType) => GraphType): KernelRule {
  return (graph, { x }, attributes) =>
    reduce(graph, op, cast(graph, x!, toType(x!.type)), attributes[axisName], attributes.keepDims);
}

/** A sum over the leading axes is a product with ones, for which ONNX Runtime has the better kernel. */
const sumRule: KernelRule = (graph, inputs, attributes) => {
  const x = inputs.x!;
  const axes = util.parseAxisParam(attributes.axis, [...x.shape]);
  const leading = axes.length > 0 && axes.length < x.shape.length && axes.every((axis, i) => axis === i);
  if (x.type !== "float32" || !leading) return sum(graph, inputs, attributes);
  const rows = sizeOf(x.shape.slice(0, axes.length));
  const columns = sizeOf(x.shape.slice(axes.length));
  const product = graph.node(
    "MatMul",
    [filled(graph, [1, rows], "float32", 1), reshape(graph, x, [rows, columns])],
    { type: "float32", shape: [1, columns] },
  );
  return reshape(graph, product, reducedShape(x.shape, axes, attributes.keepDims));
};

const number = (type: GraphType): GraphType => (type === "bool" ? "int32" : type);

const sum = reduction("ReduceSum", "axis", number);

/** Any and all: a maximum and a minimum over 0 and 1. */
function logicalReduction(op: string): KernelRule {
  return (graph, { x }, { axis, keepDims }) =>
    cast(graph, reduce(graph, op, cast(graph, x!, "int32"), axis, keepDims), "bool");
}

/** The largest or smallest; NaN if there is one, which ONNX Runtime passes over. */
function extreme(op: string, axisName: string): KernelRule {
  return (graph, { x }, attributes) => {
    const { [axisName]: axis, keepDims } = attributes;
    const result = reduce(graph, op, cast(graph, x!, number(x!.type)), axis, keepDims);
    if (sizeOf(x!.shape) === 0) return filled(graph, result.shape, x!.type, Number.NaN);
    if (x!.type !== "float32" || result === x) return cast(graph, result, x!.type);
    const nan = graph.node("IsNaN", [x!], { type: "bool", shape: x!.shape });
    const nans = graph.node("Where", [nan, x!, graph.scalar(0, "float32")], x!);
    return graph.node("Add", [result, reduce(graph, "ReduceSum", nans, axis, keepDims)], result);
  };
}

/**
 * ONNX gives int64; the first of equal values wins, as in tfjs. There NaN never wins, unless it is the first: as if it were
 * the best there, and the worst elsewhere.
 */
function argument(op: string, best: number): KernelRule {
  return (graph, { x }, { axis }) => {
    const [at] = util.parseAxisParam(axis, [...x!.shape]);
    const shape = reducedShape(x!.shape, [at!], false);
    if (sizeOf(x!.shape) === 0) return filled(graph, shape, "int32", 0);
    const numbers = cast(graph, x!, number(x!.type));
    const result = graph.node(
      op,
      [numbers.type === "float32" ? withoutNaN(graph, numbers, at!, best) : numbers],
      { type: "int64", shape },
      { axis: at!, keepdims: 0 },
    );
    return cast(graph, result, "int32");
  };
}

function withoutNaN(graph: Graph, x: Value, axis: number, best: number): Value {
  const length = x.shape[axis]!;
  const shape = [length, ...x.shape.slice(axis + 1).map(() => 1)];
  const positions = graph.constant(
    Int32Array.from({ length }, (_, i) => i),
    "int32",
    shape,
  );
  const isFirst = graph.node("Equal", [positions, graph.scalar(0, "int32")], { type: "bool", shape });
  const stand = graph.node(
    "Where",
    [isFirst, graph.scalar(best, "float32"), graph.scalar(-best, "float32")],
    {
      type: "float32",
      shape,
    },
  );
  return graph.node("Where", [graph.node("IsNaN", [x], { type: "bool", shape: x.shape }), stand, x], x);
}

/** Products of all up to each element, doubling the reach of every product in each round. */
const cumprod: KernelRule = (graph, { x }, { axis, exclusive, reverse }) => {
  const values = cast(graph, x!, number(x!.type));
  const at = axis < 0 ? axis + values.shape.length : axis;
  const length = values.shape[at]!;
  const shifted = (value: Value, by: number): Value => {
    const pads = value.shape.map((_, i) => (i !== at ? [0, 0] : reverse ? [0, by] : [by, 0]));
    const begin = value.shape.map((_, i) => (i === at && reverse ? by : 0));
    return slice(graph, pad(graph, value, pads, 1), begin, value.shape);
  };
  let result = exclusive ? shifted(values, 1) : values;
  for (let reach = 1; reach < length; reach *= 2) {
    result = graph.node("Mul", [result, shifted(result, reach)], result);
  }
  return result;
};

export const reductionRules: KernelRules = {
  Cumprod: cumprod,
  Sum: sumRule,
  Mean: reduction("ReduceMean", "axis", () => "float32"),
  Prod: reduction("ReduceProd", "axis", number),
  Max: extreme("ReduceMax", "reductionIndices"),
  Min: extreme("ReduceMin", "axis"),
  All: logicalReduction("ReduceMin"),
  Any: logicalReduction("ReduceMax"),
  ArgMax: argument("ArgMax", Number.POSITIVE_INFINITY),
  ArgMin: argument("ArgMin", Number.NEGATIVE_INFINITY),
  Cumsum: (graph, { x }, { axis, exclusive, reverse }) => {
    const numbers = cast(graph, x!, number(x!.type));
    return graph.node("CumSum", [numbers, reshape(graph, graph.int64([axis]), [])], numbers, {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    });
  },
};

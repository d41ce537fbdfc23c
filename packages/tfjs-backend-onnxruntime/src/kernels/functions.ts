import type { Graph, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, keepingType } from "./rule";

const float = (op: string): KernelRule => {
  return (graph, { x }) => graph.node(op, [cast(graph, x!, "float32")], { type: "float32", shape: x!.shape });
};

function same(graph: Graph, op: string, ...inputs: Value[]): Value {
  return graph.node(op, inputs, inputs[0]!);
}

/** e^x - 1 without the loss near 0: 2 t / (1 - t) with t = tanh(x / 2); e^x - 1 itself where that does not cancel. */
const expm1: KernelRule = (graph, inputs) => {
  const x = cast(graph, inputs.x!, "float32");
  const one = graph.scalar(1, "float32");
  const t = same(graph, "Tanh", same(graph, "Mul", x, graph.scalar(0.5, "float32")));
  const near = same(graph, "Div", same(graph, "Add", t, t), graph.node("Sub", [one, t], x));
  const far = same(graph, "Sub", same(graph, "Exp", x), one);
  const isNear = graph.node("Less", [same(graph, "Abs", x), one], { type: "bool", shape: x.shape });
  return graph.node("Where", [isNear, near, far], x);
};

/** log(1 + x) without the loss near 0: log(u) x / (u - 1) with u = 1 + x, and x where u is 1. Kahan. */
const log1p: KernelRule = (graph, inputs) => {
  const x = cast(graph, inputs.x!, "float32");
  const one = graph.scalar(1, "float32");
  const u = same(graph, "Add", x, one);
  const bool = { type: "bool", shape: x.shape } as const;
  const difference = same(graph, "Sub", u, one);
  const isOne = graph.node("Equal", [difference, graph.scalar(0, "float32")], bool);
  const divisor = graph.node("Where", [isOne, one, difference], x);
  const log = same(graph, "Log", u);
  const corrected = same(graph, "Mul", log, same(graph, "Div", x, divisor));
  // An infinite x would give infinity times NaN.
  const isBounded = graph.node("Less", [x, graph.scalar(3e38, "float32")], bool);
  return graph.node("Where", [isOne, x, graph.node("Where", [isBounded, corrected, log], x)], x);
};

export const functionRules: KernelRules = {
  Acos: keepingType(float("Acos")),
  Acosh: keepingType(float("Acosh")),
  Asin: keepingType(float("Asin")),
  Asinh: keepingType(float("Asinh")),
  Atan: keepingType(float("Atan")),
  Atanh: keepingType(float("Atanh")),
  Cosh: float("Cosh"),
  Sinh: keepingType(float("Sinh")),
  Tan: float("Tan"),
  Expm1: keepingType(expm1),
  Log1p: keepingType(log1p),
};

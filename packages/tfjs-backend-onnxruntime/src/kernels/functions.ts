import { backend_util } from "@tensorflow/tfjs";
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

/** The angle of (x, y), in -pi..pi: the arc tangent of y / x, turned around left of the y axis. */
const atan2: KernelRule = (graph, { a, b }) => {
  const shape = backend_util.assertAndGetBroadcastShape([...a!.shape], [...b!.shape]);
  const both = { type: "float32", shape } as const;
  const bool = { type: "bool", shape } as const;
  const number = (value: number): Value => graph.scalar(value, "float32");
  const [y, x] = [cast(graph, a!, "float32"), cast(graph, b!, "float32")];
  // Both infinite, or both 0: as for the same signs of 1, and for y itself.
  const isInfinite = (of: Value): Value => graph.node("IsInf", [of], { type: "bool", shape: of.shape });
  const areInfinite = graph.node("And", [isInfinite(y), isInfinite(x)], bool);
  const ratio = graph.node(
    "Where",
    [
      areInfinite,
      graph.node("Div", [same(graph, "Sign", y), same(graph, "Sign", x)], both),
      graph.node("Div", [y, x], both),
    ],
    both,
  );
  const isZero = (of: Value): Value =>
    graph.node("Equal", [of, number(0)], { type: "bool", shape: of.shape });
  const areZero = graph.node("And", [isZero(y), isZero(x)], bool);
  const angle = graph.node("Where", [areZero, y, same(graph, "Atan", ratio)], both);
  const isBelow = graph.node("Less", [y, number(0)], { type: "bool", shape: y.shape });
  const half = graph.node("Where", [isBelow, number(-Math.PI), number(Math.PI)], y);
  const isLeft = graph.node("Less", [x, number(0)], { type: "bool", shape: x.shape });
  return graph.node("Where", [isLeft, graph.node("Add", [angle, half], both), angle], both);
};

export const functionRules: KernelRules = {
  Atan2: atan2,
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

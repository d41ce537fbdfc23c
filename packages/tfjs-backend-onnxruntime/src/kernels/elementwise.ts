import { backend_util, util } from "@tensorflow/tfjs";
import type { Graph, GraphType, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, keepingType, toInt32 } from "./rule";

/** A kernel of one tensor that ONNX has under some name, on float32; integers pass through float32. */
function unary(op: string): KernelRule {
  return (graph, { x }) => graph.node(op, [cast(graph, x!, "float32")], { type: "float32", shape: x!.shape });
}

/** As `unary`, for operators that ONNX Runtime has on int32 too, where the type stays. */
function unaryAnyNumber(op: string): KernelRule {
  return onNumbers((graph, { x }) => graph.node(op, [x!], x!));
}

/** A kernel whose result has its argument's type and whose operator knows no bool: 0 and 1 then. */
function onNumbers(rule: KernelRule): KernelRule {
  return (graph, { x }, attributes) => {
    const number = x!.type === "bool" ? cast(graph, x!, "int32") : x!;
    return cast(graph, rule(graph, { x: number } as never, attributes) as Value, x!.type);
  };
}

/** Numbers stay as they are, float32 is rounded by the operator. */
function rounding(op: string): KernelRule {
  return (graph, { x }) => (x!.type === "float32" ? same(graph, op, x!) : x!);
}

function broadcastShape(a: Value, b: Value): number[] {
  return backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}

/** a op b with NumPy broadcasting, on whatever number type both have. */
function binary(graph: Graph, op: string, a: Value, b: Value): Value {
  const type = a.type;
  const number: GraphType = type === "bool" ? "int32" : type;
  const result = graph.node(op, [cast(graph, a, number), cast(graph, b, number)], {
    type: number,
    shape: broadcastShape(a, b),
  });
  return cast(graph, result, type);
}

function arithmetic(op: string): KernelRule {
  return (graph, { a, b }) => binary(graph, op, a!, b!);
}

function comparison(op: string, negated = false): KernelRule {
  return (graph, { a, b }) => {
    const type: GraphType = a!.type === "bool" ? "int32" : a!.type;
    const shape = broadcastShape(a!, b!);
    const result = graph.node(op, [cast(graph, a!, type), cast(graph, b!, type)], { type: "bool", shape });
    return negated ? graph.node("Not", [result], { type: "bool", shape }) : result;
  };
}

function logical(op: string): KernelRule {
  return (graph, { a, b }) =>
    graph.node(op, [cast(graph, a!, "bool"), cast(graph, b!, "bool")], {
      type: "bool",
      shape: broadcastShape(a!, b!),
    });
}

/** Whether x times `factor` is x: the gradients of sums and means are full of ones. */
function changesNothing(graph: Graph, factor: Value, x: Value): boolean {
  const ones = graph.constants.get(factor.name)?.data;
  if (ones === undefined || graph.shapesVary || factor.type !== x.type) return false;
  return (
    util.arraysEqual(broadcastShape(factor, x), [...x.shape]) &&
    ones.every((one: number | bigint) => one === 1)
  );
}

/** floor(a / b) as int32; integer division by zero gives 0 as in tfjs-cpu (ONNX Runtime would stop the process). */
const floorDiv: KernelRule = (graph, { a, b }) => {
  const shape = broadcastShape(a!, b!);
  if (a!.type === "float32")
    return toInt32(graph, graph.node("Floor", [binary(graph, "Div", a!, b!)], { type: "float32", shape }));
  const [x, y] = [cast(graph, a!, "int32"), cast(graph, b!, "int32")];
  const zero = graph.scalar(0, "int32");
  const one = graph.scalar(1, "int32");
  const bool = { type: "bool", shape } as const;
  const int = { type: "int32", shape } as const;
  const isZero = graph.node("Equal", [y, zero], { type: "bool", shape: y.shape });
  const divisor = graph.node("Where", [isZero, one, y], { type: "int32", shape: y.shape });
  const quotient = graph.node("Div", [x, divisor], int);
  const remainder = graph.node("Sub", [x, graph.node("Mul", [quotient, divisor], int)], int);
  const inexact = graph.node("Not", [graph.node("Equal", [remainder, zero], bool)], bool);
  const signsDiffer = graph.node(
    "Xor",
    [
      graph.node("Less", [remainder, zero], bool),
      graph.node("Less", [divisor, zero], { ...bool, shape: y.shape }),
    ],
    bool,
  );
  const correction = cast(graph, graph.node("And", [inexact, signsDiffer], bool), "int32");
  return graph.node("Where", [isZero, zero, graph.node("Sub", [quotient, correction], int)], int);
};

/** The remainder of a / b with the sign of b, as tfjs-cpu computes it; 0 for integers modulo 0. */
const mod: KernelRule = (graph, { a, b }) => {
  const type: GraphType = a!.type === "float32" ? "float32" : "int32";
  const shape = broadcastShape(a!, b!);
  const number = { type, shape } as const;
  const bool = { type: "bool", shape } as const;
  const zero = graph.scalar(0, type);
  const isZero = graph.node("Equal", [cast(graph, b!, type), zero], { type: "bool", shape: b!.shape });
  const x = cast(graph, a!, type);
  const y =
    type === "float32"
      ? b!
      : graph.node("Where", [isZero, graph.scalar(1, type), cast(graph, b!, type)], {
          type,
          shape: b!.shape,
        });
  const remainder = (dividend: Value) => graph.node("Mod", [dividend, y], number, { fmod: 1 });
  const first = remainder(x);
  const turned = remainder(graph.node("Add", [first, y], number));
  const [aBelow, bBelow] = [x, y].map((side) =>
    graph.node("Less", [side, zero], { type: "bool", shape: side.shape }),
  );
  const signsDiffer = graph.node("Xor", [aBelow!, bBelow!], bool);
  return cast(graph, graph.node("Where", [signsDiffer, turned, first], number), a!.type);
};

/** JavaScript's power is NaN where C's is 1: 1 to the power of NaN, and 1 or -1 to an infinite power. */
const pow: KernelRule = (graph, { a, b }) => {
  const result = binary(graph, "Pow", a!, b!);
  const exponent = graph.constants.get(b!.name)?.data;
  if (
    result.type !== "float32" ||
    exponent?.every((number: number | bigint) => Number.isFinite(Number(number)))
  )
    return result;
  const bool = (op: string, inputs: Value[], shape: readonly number[]) =>
    graph.node(op, inputs, { type: "bool", shape });
  const infinity = graph.scalar(Number.POSITIVE_INFINITY, "float32");
  const isOne = bool("Equal", [same(graph, "Abs", a!), graph.scalar(1, "float32")], a!.shape);
  const bounded = bool("Less", [same(graph, "Abs", b!), infinity], b!.shape);
  const isOpen = bool("And", [isOne, bool("Not", [bounded], b!.shape)], result.shape);
  return graph.node("Where", [isOpen, graph.scalar(Number.NaN, "float32"), result], result);
};

/** -1, 0 or 1, and 0 for NaN as in tfjs-cpu. */
const sign: KernelRule = onNumbers((graph, { x }) => {
  const result = same(graph, "Sign", x!);
  if (x!.type !== "float32") return result;
  const nan = graph.node("IsNaN", [x!], { type: "bool", shape: x!.shape });
  return graph.node("Where", [nan, graph.scalar(0, "float32"), result], result);
});

/** ONNX Runtime has no choice between bools. */
const select: KernelRule = (graph, { condition, t, e }) => {
  const type: GraphType = t!.type === "bool" ? "int32" : t!.type;
  const [yes, no] = [cast(graph, t!, type), cast(graph, e!, type)];
  return cast(graph, graph.node("Where", [cast(graph, condition!, "bool"), yes, no], yes), t!.type);
};

function float32(graph: Graph, x: Value): Value {
  return cast(graph, x, "float32");
}

function same(graph: Graph, op: string, ...inputs: Value[]): Value {
  return graph.node(op, inputs, inputs[0]!);
}

/** One kernel per line where ONNX has the operator; the others are written out from it. */
export const elementwiseRules: KernelRules = {
  Add: arithmetic("Add"),
  AddN: (graph, inputs) => [...inputs].reduce((total, next) => binary(graph, "Add", total, next)),
  Sub: arithmetic("Sub"),
  Multiply: (graph, { a, b }) => {
    if (changesNothing(graph, b!, a!)) return a!;
    return changesNothing(graph, a!, b!) ? b! : binary(graph, "Mul", a!, b!);
  },
  RealDiv: (graph, { a, b }) =>
    changesNothing(graph, b!, a!)
      ? float32(graph, a!)
      : binary(graph, "Div", float32(graph, a!), float32(graph, b!)),
  FloorDiv: floorDiv,
  Mod: mod,
  Pow: pow,
  Maximum: arithmetic("Max"),
  Minimum: arithmetic("Min"),
  SquaredDifference: (graph, { a, b }) => {
    const difference = binary(graph, "Sub", a!, b!);
    return binary(graph, "Mul", difference, difference);
  },

  Equal: comparison("Equal"),
  NotEqual: comparison("Equal", true),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  BitwiseAnd: (graph, { a, b }) =>
    graph.node("BitwiseAnd", [a!, b!], { type: "int32", shape: broadcastShape(a!, b!) }),
  LogicalAnd: logical("And"),
  LogicalOr: logical("Or"),
  LogicalXor: logical("Xor"),
  LogicalNot: (graph, { x }) =>
    graph.node("Not", [cast(graph, x!, "bool")], { type: "bool", shape: x!.shape }),

  Neg: unaryAnyNumber("Neg"),
  Abs: unaryAnyNumber("Abs"),
  Sign: sign,
  Square: (graph, { x }) => binary(graph, "Mul", x!, x!),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Rsqrt: (graph, { x }) => same(graph, "Reciprocal", same(graph, "Sqrt", float32(graph, x!))),
  Reciprocal: keepingType(unary("Reciprocal")),
  Erf: unary("Erf"),
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Softplus: keepingType(unary("Softplus")),
  Relu: unaryAnyNumber("Relu"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Floor: rounding("Floor"),
  Ceil: rounding("Ceil"),
  Round: rounding("Round"),
  Relu6: onNumbers((graph, { x }) =>
    graph.node("Clip", [x!, graph.scalar(0, x!.type), graph.scalar(6, x!.type)], x!),
  ),
  ClipByValue: onNumbers((graph, { x }, { clipValueMin, clipValueMax }) =>
    graph.node("Clip", [x!, graph.scalar(clipValueMin, x!.type), graph.scalar(clipValueMax, x!.type)], x!),
  ),
  /** 1 above zero, `alpha` elsewhere, NaN where x is NaN. */
  Step: keepingType((graph, { x }, { alpha }) => {
    const number = float32(graph, x!);
    const bool = { type: "bool", shape: x!.shape } as const;
    const positive = graph.node("Greater", [number, graph.scalar(0, "float32")], bool);
    const step = graph.node(
      "Where",
      [positive, graph.scalar(1, "float32"), graph.scalar(alpha, "float32")],
      number,
    );
    return graph.node("Where", [graph.node("IsNaN", [number], bool), number, step], number);
  }),
  LeakyRelu: (graph, { x }, { alpha }) =>
    graph.node(
      "LeakyRelu",
      [float32(graph, x!)],
      { type: "float32", shape: x!.shape },
      { alpha: { float: alpha } },
    ),
  IsNan: (graph, { x }) => graph.node("IsNaN", [float32(graph, x!)], { type: "bool", shape: x!.shape }),
  IsInf: (graph, { x }) => graph.node("IsInf", [float32(graph, x!)], { type: "bool", shape: x!.shape }),
  IsFinite: (graph, { x }) => {
    const bool = { type: "bool", shape: x!.shape } as const;
    const number = float32(graph, x!);
    const either = graph.node(
      "Or",
      [graph.node("IsNaN", [number], bool), graph.node("IsInf", [number], bool)],
      bool,
    );
    return graph.node("Not", [either], bool);
  },

  Cast: (graph, { x }, { dtype }) =>
    x!.type === "float32" && dtype === "int32" ? toInt32(graph, x!) : cast(graph, x!, dtype),
  Identity: (_graph, { x }) => x!,
  Select: select,
  Softmax: (graph, { logits }, { dim }) => {
    const rank = logits!.shape.length;
    return graph.node("Softmax", [logits!], logits!, { axis: dim < 0 ? dim + rank : dim });
  },
};

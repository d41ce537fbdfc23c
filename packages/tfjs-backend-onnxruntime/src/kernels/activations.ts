import { backend_util } from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import { elementwiseRules } from "./elementwise";
import {
  cast,
  type KernelRule,
  type KernelRules,
  keepingType,
  type RuleAttributes,
  type RuleInputs,
  reshape,
} from "./rule";

/** One kernel of the tables as a function; for rules that are made of others. */
function apply(
  rules: KernelRules,
  name: string,
  graph: Graph,
  inputs: Readonly<Record<string, Value>>,
  attributes: RuleAttributes = {},
): Value {
  return rules[name]!(graph, inputs as RuleInputs, attributes) as Value;
}

const isNegative = (graph: Graph, x: Value): Value =>
  apply(elementwiseRules, "Less", graph, { a: x, b: graph.scalar(0, "float32") });

/** x where it is at least 0, alpha x below; alpha broadcasts to x or x to it. */
const prelu: KernelRule = (graph, inputs) => {
  const x = cast(graph, inputs.x!, "float32");
  const alpha = cast(graph, inputs.alpha!, "float32");
  const scaled = apply(elementwiseRules, "Multiply", graph, { a: alpha, b: x });
  return graph.node("Where", [isNegative(graph, x), scaled, x], scaled);
};

const eluGrad: KernelRule = (graph, { dy, y }) => {
  const slope = graph.node("Add", [y!, graph.scalar(1, "float32")], y!);
  const isPositive = apply(elementwiseRules, "GreaterEqual", graph, { a: y!, b: graph.scalar(0, "float32") });
  return graph.node("Where", [isPositive, dy!, graph.node("Mul", [dy!, slope], y!)], y!);
};

const float = (op: string, attributes = {}): KernelRule => {
  return (graph, { x }) =>
    graph.node(op, [cast(graph, x!, "float32")], { type: "float32", shape: x!.shape }, attributes);
};

export const activationRules: KernelRules = {
  Elu: float("Elu"),
  EluGrad: eluGrad,
  Selu: keepingType(
    float("Selu", {
      alpha: { float: backend_util.SELU_SCALEALPHA / backend_util.SELU_SCALE },
      gamma: { float: backend_util.SELU_SCALE },
    }),
  ),
  Prelu: prelu,
};

/** The tail of a fused kernel: an optional bias, then the activation that its attributes name. */
export function withBiasAndActivation(
  graph: Graph,
  x: Value,
  bias: Value | undefined,
  preluWeights: Value | undefined,
  attributes: RuleAttributes,
): Value {
  // A vector belongs to the channels, wherever these are.
  const aligned = (value: Value) =>
    attributes.dataFormat === "NCHW" && value.shape.length === 1 && value.shape[0] !== 1
      ? reshape(graph, value, [value.shape[0]!, 1, 1])
      : value;
  const sum = bias ? apply(elementwiseRules, "Add", graph, { a: x, b: aligned(bias) }) : x;
  const rules = { ...elementwiseRules, ...activationRules };
  switch (attributes.activation ?? "linear") {
    case "linear":
      return sum;
    case "relu":
      return apply(rules, "Relu", graph, { x: sum });
    case "relu6":
      return apply(rules, "Relu6", graph, { x: sum });
    case "elu":
      return apply(rules, "Elu", graph, { x: sum });
    case "sigmoid":
      return apply(rules, "Sigmoid", graph, { x: sum });
    case "leakyrelu":
      return apply(rules, "LeakyRelu", graph, { x: sum }, { alpha: attributes.leakyreluAlpha });
    case "prelu":
      return apply(rules, "Prelu", graph, { x: sum, alpha: aligned(preluWeights!) });
    default:
      throw new SymgradError(
        "E_TRACE",
        `jit: the fused activation "${attributes.activation}" is not known.`,
        {
          hint: "use linear, relu, relu6, elu, sigmoid, leakyrelu or prelu, or apply the activation as an op of its own",
        },
      );
  }
}

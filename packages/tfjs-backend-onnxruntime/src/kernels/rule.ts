import type * as tf from "@tensorflow/tfjs";
import type { Graph, GraphType, Value } from "../graph/graph";

/** A kernel's tensor arguments as TensorFlow.js names them; a list for kernels such as Concat. */
export type RuleInputs = Readonly<Record<string, Value>> & readonly Value[];

/** A tensor argument whose name the type of the inputs takes for a list's method. */
export function inputNamed(inputs: RuleInputs, name: "filter" | "values"): Value {
  return (inputs as unknown as Readonly<Record<string, Value>>)[name]!;
}

/** A kernel's attributes as TensorFlow.js passes them; each rule knows the ones of its kernel. */
// biome-ignore lint/suspicious/noExplicitAny: TensorFlow.js types the attributes per kernel; the table holds them all.
export type RuleAttributes = Readonly<Record<string, any>>;

/** How one TensorFlow.js kernel is written as ONNX nodes. */
export type KernelRule = (
  graph: Graph,
  inputs: RuleInputs,
  attributes: RuleAttributes,
) => Value | readonly Value[];

export type KernelRules = Readonly<Record<string, KernelRule>>;

/** Converts to another element type; nothing is written if it is that type already. */
export function cast(graph: Graph, x: Value, type: GraphType): Value {
  if (x.type === type) return x;
  const producer = graph.producer(x);
  const source = producer?.op === "Cast" ? producer.inputs[0]! : undefined;
  if (source && isZeroOrOne(graph, source)) return cast(graph, source, type);
  const to = { float32: 1, int32: 6, int64: 7, bool: 9 }[type];
  return graph.node("Cast", [x], { type, shape: x.shape }, { to });
}

/** Beyond this, floats are multiples of 2^32, as int64 cannot hold them all. */
const INT64_PARTS = 2 ** 62;

/**
 * float32 to int32 as typed arrays convert: cut off, modulo 2^32, 0 for NaN and infinities. ONNX leaves open what becomes of
 * numbers that int32 does not hold. Where stands between two casts, which ONNX Runtime would make one.
 */
export function toInt32(graph: Graph, x: Value): Value {
  const size = graph.node("Abs", [x], x);
  const fits = graph.node("Less", [size, graph.scalar(INT64_PARTS, "float32")], {
    type: "bool",
    shape: x.shape,
  });
  const long = cast(graph, x, "int64");
  return cast(graph, graph.node("Where", [fits, long, graph.scalar(0, "int64")], long), "int32");
}

/** A kernel that computes in float32 and gives its result the type of its argument, as many of tfjs-cpu's do. */
export function keepingType(rule: KernelRule): KernelRule {
  return (graph, inputs, attributes) => {
    const result = rule(graph, inputs, attributes) as Value;
    const { type } = inputs.x!;
    if (type === "float32" || result.type !== "float32") return cast(graph, result, type);
    return cast(graph, toInt32(graph, result), type);
  };
}

/** Whether nothing but 0 and 1 is in it, which every element type has. */
function isZeroOrOne(graph: Graph, x: Value): boolean {
  return x.type === "bool" || graph.producer(x)?.op === "Hardmax";
}

/** Gives a value another shape of the same size; nothing is written if it has that shape already. */
export function reshape(graph: Graph, x: Value, shape: readonly number[]): Value {
  if (x.shape.length === shape.length && x.shape.every((axis, i) => axis === shape[i])) return x;
  // allowzero: a 0 in the shape is an axis of length 0, not "copy from the input".
  return graph.node("Reshape", [x, graph.int64(shape)], { type: x.type, shape }, { allowzero: 1 });
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** A kernel's tensor arguments that were given, by name; optional ones are passed as undefined. */
export function presentInputs(inputs: tf.NamedTensorInfoMap): [string, tf.TensorInfo][] {
  return Object.entries(inputs).filter(
    (entry): entry is [string, tf.TensorInfo] => entry[1] !== undefined && entry[1] !== null,
  );
}

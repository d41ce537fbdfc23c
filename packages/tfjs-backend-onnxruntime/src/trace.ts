import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "./errors";
import { Graph, type GraphData, type GraphType, type Value } from "./graph/graph";
import { assertLengths } from "./kernelError";
import { complexRules, fusedRules, givesComplex, kernelRules, type RuleInputs } from "./kernels";
import { type RuleAttributes, reshape, sizeOf } from "./kernels/rule";
import { whyUntraceable } from "./whyUntraceable";

/** What JavaScript may feed to a graph: one element type of TensorFlow.js each. */
export type HostData = Float32Array | Int32Array | Uint8Array;

/** Where the data of a graph input comes from at each run. */
export type Feed =
  | { readonly from: "argument"; readonly index: number }
  | { readonly from: "variable"; readonly variable: tf.Variable }
  | { readonly from: "captured"; readonly dataId: object }
  | { readonly from: "host"; readonly shape: readonly number[]; readonly compute: () => HostData };

/** What the trace needs of the backend: concrete data by id, and ids for values that only exist in the graph. */
export interface TraceStore {
  /** Data made while tracing (a constant), or undefined if the id is older than the trace. */
  constantData(dataId: object): HostData | undefined;
  makeSymbol(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  runEagerly(
    kernelName: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[];
}

/** The recording of one call: kernels append nodes to a graph instead of computing. */
export class Trace {
  readonly graph = new Graph();
  /** One per graph input, in the same order. */
  readonly feeds: Feed[] = [];
  /** Values by data id: symbols made while tracing, and what older or constant tensors became. */
  private readonly values = new Map<object, Value>();
  private readonly variables = new Map<tf.Variable, Value>();

  refusal: SymgradError | undefined;

  /** @param originals Every variable and the data it holds before the trace. */
  constructor(
    private readonly store: TraceStore,
    private readonly originals: ReadonlyMap<tf.Variable, object>,
  ) {}

  /** A graph input and the symbol that stands for it while tracing. */
  argument(index: number, shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const info = this.store.makeSymbol(shape, dtype);
    this.values.set(info.dataId, this.feed({ from: "argument", index }, graphType(dtype, "jit"), shape));
    return info;
  }

  /** A graph input that JavaScript recomputes at each run. */
  host(shape: number[], dtype: "float32" | "int32" | "bool", compute: () => HostData): tf.TensorInfo {
    const info = this.store.makeSymbol(shape, dtype);
    this.values.set(info.dataId, this.feed({ from: "host", shape, compute }, dtype, shape));
    return info;
  }

  /** Why this cannot become a graph, whatever the function makes of the error. The first reason stays. */
  refuse(error: SymgradError): SymgradError {
    this.refusal ??= error;
    return error;
  }

  isSymbol(dataId: object): boolean {
    return this.values.has(dataId);
  }

  /** The graph value of a tensor; a tensor older than the trace becomes an input, a newer one a constant. */
  value(info: tf.TensorInfo): Value {
    const known = this.values.get(info.dataId);
    // Two tensors may share one buffer under two shapes.
    if (known) {
      return reshape(this.graph, known, info.dtype === "complex64" ? [...info.shape, 2] : info.shape);
    }
    const type = graphType(info.dtype, "a traced kernel");
    if (info instanceof tf.Variable && this.originals.get(info) === info.dataId) {
      return this.variable(info, type);
    }
    const data = this.store.constantData(info.dataId);
    const value = data
      ? this.graph.constant(copyAs(data, type), type, info.shape)
      : this.feed({ from: "captured", dataId: info.dataId }, type, info.shape);
    this.values.set(info.dataId, value);
    return value;
  }

  /** The graph input with a variable's value from before the trace, if the graph reads it. */
  before(variable: tf.Variable): Value | undefined {
    return this.variables.get(variable);
  }

  /** By the variable, not by its data: a clone made before the trace shares the data, but keeps its value. */
  private variable(variable: tf.Variable, type: GraphType): Value {
    let value = this.variables.get(variable);
    if (!value) {
      value = this.feed({ from: "variable", variable }, type, variable.shape);
      this.variables.set(variable, value);
    }
    return value;
  }

  /** Runs one TensorFlow.js kernel: nodes where any input is symbolic, plain arithmetic on constants otherwise. */
  kernel(
    name: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    const list = Array.isArray(inputs) ? (inputs as tf.TensorInfo[]) : undefined;
    const infos = list ?? Object.values(inputs).filter((info) => info !== undefined && info !== null);
    const complex = name === "Complex" || infos.some((info) => info.dtype === "complex64");
    const rule = complex ? complexRules[name] : (kernelRules[name] ?? fusedRules[name]);
    const foldable = !complex && !(name in fusedRules); // tfjs-cpu lacks those
    const constant = infos.every(
      (info) => !this.values.has(info.dataId) && this.store.constantData(info.dataId),
    );
    const small = !this.graph.shapesVary && infos.every((info) => sizeOf(info.shape) <= 4096);
    if (constant && foldable && (!rule || (small && infos.length > 0)))
      return this.store.runEagerly(name, inputs, attributes);
    if (!rule) {
      throw new SymgradError(
        "E_TRACE",
        `jit: the TensorFlow.js kernel "${name}" cannot be traced (inputs ${describe(infos)}).`,
        {
          hint: whyUntraceable(name, complex),
        },
      );
    }
    const values = list
      ? (list.map((info) => this.value(info)) as unknown as RuleInputs)
      : (Object.fromEntries(
          Object.entries(inputs)
            .filter(([, info]) => info !== undefined && info !== null)
            .map(([key, info]) => [key, this.value(info as tf.TensorInfo)]),
        ) as RuleInputs);
    const result = rule(this.graph, values, attributes);
    if (complex && givesComplex(name)) {
      const pairs = result as Value;
      return this.symbol(pairs, pairs.shape.slice(0, -1), "complex64");
    }
    assertLengths(name, infos, [result].flat() as Value[]);
    return Array.isArray(result)
      ? result.map((value: Value) => this.symbol(this.orEmpty(value)))
      : this.symbol(this.orEmpty(result as Value));
  }

  /** A result without elements needs no operator; some of ONNX Runtime's end the process on such. */
  private orEmpty(value: Value): Value {
    return sizeOf(value.shape) > 0
      ? value
      : this.graph.constant(copyAs([], value.type), value.type, value.shape);
  }

  private symbol(
    value: Value,
    shape: readonly number[] = value.shape,
    dtype = value.type as tf.DataType,
  ): tf.TensorInfo {
    const info = this.store.makeSymbol([...shape], dtype);
    this.values.set(info.dataId, value);
    return info;
  }

  private feed(feed: Feed, type: GraphType, shape: readonly number[]): Value {
    this.feeds.push(feed);
    return this.graph.input(type, shape);
  }
}

/** The graph's name of a TensorFlow.js element type. */
export function graphType(dtype: string, where: string): GraphType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new SymgradError("E_DTYPE", `${where}: expected float32, int32 or bool, got ${dtype}.`, {
    hint: `keep ${dtype} tensors outside the jitted function`,
  });
}

/** A copy in the array type that belongs to the element type. */
export function copyAs(data: ArrayLike<number>, type: GraphType): GraphData {
  if (type === "float32") return Float32Array.from(data);
  if (type === "int32") return Int32Array.from(data);
  return Uint8Array.from(data);
}

/** The data itself if its array type fits, else a copy. */
export function viewAs(data: ArrayLike<number>, type: GraphType): GraphData {
  if (type === "float32" && data instanceof Float32Array) return data;
  if (type === "int32" && data instanceof Int32Array) return data;
  if (type === "bool" && data instanceof Uint8Array) return data;
  return copyAs(data, type);
}

function describe(infos: readonly tf.TensorInfo[]): string {
  return infos.map((info) => `${info.dtype}[${info.shape}]`).join(", ") || "none";
}

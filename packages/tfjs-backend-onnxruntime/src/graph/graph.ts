import { SymgradError } from "../errors";

/** Element types that occur in a graph: TensorFlow.js's three, and int64 for ONNX's own index arguments. */
export type GraphType = "float32" | "int32" | "bool" | "int64";

export type GraphData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** A value in a graph: the result of a node, an input or a constant. Shapes are static. */
export interface Value {
  readonly name: string;
  readonly type: GraphType;
  readonly shape: readonly number[];
}

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/**
 * A list of ONNX nodes being written, in order. Every node is a pure function of its inputs, so a node that was
 * written before with the same inputs and attributes is reused (gradients recompute much of the forward pass).
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly constants = new Map<string, { value: Value; data: GraphData }>();
  /**
   * The graph will be compared with recordings at other sizes: what is written may not depend on how large something
   * happens to be.
   */
  shapesVary = false;
  /** Threads that will run it, as far as what is written depends on them. */
  threads: number | undefined;
  /** By a value's name: the rows, `[n, width]`, and their numbers, int32 `[n]`, that it is the sum of. */
  readonly rowSums = new Map<string, { rows: Value; ids: Value }>();
  private readonly known = new Map<string, readonly Value[]>();
  private readonly producers = new Map<string, GraphNode>();
  private readonly smallConstants = new Map<string, Value>();
  private counter = 0;

  private value(type: GraphType, shape: readonly number[]): Value {
    return { name: `v${this.counter++}`, type, shape: [...shape] };
  }

  /** A value fed at every run. */
  input(type: GraphType, shape: readonly number[]): Value {
    const value = this.value(type, shape);
    this.inputs.push(value);
    return value;
  }

  /** A value stored in the graph. */
  constant(data: GraphData, type: GraphType, shape: readonly number[]): Value {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (data.length !== size) {
      throw new SymgradError(
        "E_SHAPE",
        `graph constant: shape [${shape}] wants ${size} values, got ${data.length}.`,
      );
    }
    const key = size <= 64 ? `${type}|${shape}|${bits(data)}` : undefined;
    const same = key === undefined ? undefined : this.smallConstants.get(key);
    if (same) return same;
    const value = this.value(type, shape);
    this.constants.set(value.name, { value, data });
    if (key !== undefined) this.smallConstants.set(key, value);
    return value;
  }

  /** An int64 vector: axes, shapes, pads. */
  int64(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), "int64", [values.length]);
  }

  /** A scalar of the given type. */
  scalar(value: number, type: GraphType): Value {
    if (type === "float32") return this.constant(Float32Array.of(value), type, []);
    if (type === "int32") return this.constant(Int32Array.of(value), type, []);
    if (type === "bool") return this.constant(Uint8Array.of(value ? 1 : 0), type, []);
    return this.constant(BigInt64Array.of(BigInt(value)), type, []);
  }

  /** Appends a node with several outputs. */
  nodeWithOutputs(
    op: string,
    inputs: readonly Value[],
    outputs: readonly { type: GraphType; shape: readonly number[] }[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): readonly Value[] {
    const key = `${domain}:${op}(${inputs.map((input) => input.name)})${JSON.stringify(attributes)}${outputs
      .map((output) => `${output.type}${output.shape}`)
      .join(";")}`;
    const same = this.known.get(key);
    if (same) return same;
    const values = outputs.map((output) => this.value(output.type, output.shape));
    const node = { op, domain, inputs, outputs: values, attributes };
    this.nodes.push(node);
    for (const value of values) this.producers.set(value.name, node);
    this.known.set(key, values);
    return values;
  }

  /** Appends a node with one output. */
  node(
    op: string,
    inputs: readonly Value[],
    output: { type: GraphType; shape: readonly number[] },
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): Value {
    return this.nodeWithOutputs(op, inputs, [output], attributes, domain)[0]!;
  }

  /** A copy that only serves as a graph output: inputs, constants and values that are returned twice need one. */
  output(value: Value): Value {
    const copy = this.value(value.type, value.shape);
    this.nodes.push({ op: "Identity", domain: "", inputs: [value], outputs: [copy], attributes: {} });
    return copy;
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producer(value: Value): GraphNode | undefined {
    return this.producers.get(value.name);
  }
}

function bits(data: GraphData): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
}

import type { Attribute, Graph, GraphData, GraphNode, GraphType, Value } from "./graph";
import { ProtobufWriter } from "./protobuf";

/** Field numbers and enum values below are those of onnx.proto (IR version 9, operator set 20). */
const IR_VERSION = 9;
const OPERATOR_SET = 20;
const ELEMENT_TYPE: Readonly<Record<GraphType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** The nodes, inputs and constants that the outputs depend on, in order. */
export interface PrunedGraph {
  nodes: GraphNode[];
  inputs: Value[];
  constants: { value: Value; data: GraphData }[];
}

/** Drops every node whose result no output needs: tapes record more than a step uses. */
export function prune(graph: Graph, outputs: readonly Value[]): PrunedGraph {
  const needed = new Set(outputs.map((output) => output.name));
  const nodes: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => needed.has(output.name))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input.name);
  }
  return {
    nodes: nodes.reverse(),
    inputs: graph.inputs.filter((input) => needed.has(input.name)),
    constants: [...graph.constants.values()].filter(({ value }) => needed.has(value.name)),
  };
}

/** Where a constant's bytes lie outside the model: a file beside it, and the place in it. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** What a model that leaves the process says beyond its graph. */
export interface EncodeOptions {
  name?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Of inputs and outputs by name, where they are not just their shapes. */
  dimensions?: ReadonlyMap<string, readonly (number | string)[]>;
  /** By the constant's name. */
  external?: ReadonlyMap<string, ExternalData> | undefined;
}

/** Serialises a graph as an ONNX ModelProto. */
export function encodeModel(
  graph: PrunedGraph,
  outputs: readonly Value[],
  { name = "trace", metadata = {}, dimensions, external }: EncodeOptions = {},
): Uint8Array {
  const valueInfo = (writer: ProtobufWriter, value: Value) =>
    encodeValueInfo(writer, value, dimensions?.get(value.name) ?? value.shape);
  const domains = new Set(graph.nodes.map(({ domain }) => domain));
  const writer = new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, "symgrad")
    .message(7, (model) => {
      graph.nodes.forEach((node, index) => {
        model.message(1, (writer) => encodeNode(writer, node, index));
      });
      model.string(2, name);
      for (const { value, data } of graph.constants) {
        model.message(5, (tensor) => {
          for (const axis of value.shape) tensor.integer(1, axis);
          tensor.integer(2, ELEMENT_TYPE[value.type]);
          tensor.string(8, value.name);
          const place = external?.get(value.name);
          if (place) encodePlace(tensor, place);
          else tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        });
      }
      for (const input of graph.inputs) model.message(11, (writer) => valueInfo(writer, input));
      for (const output of outputs) model.message(12, (writer) => valueInfo(writer, output));
    })
    .message(8, (opset) => opset.string(1, "").integer(2, OPERATOR_SET));
  if (domains.has("com.microsoft")) {
    writer.message(8, (opset) => opset.string(1, "com.microsoft").integer(2, 1));
  }
  for (const [key, value] of Object.entries(metadata)) {
    writer.message(14, (entry) => entry.string(1, key).string(2, value));
  }
  return writer.finish();
}

function encodePlace(tensor: ProtobufWriter, place: ExternalData): void {
  for (const [key, value] of Object.entries(place)) {
    tensor.message(13, (entry) => entry.string(1, key).string(2, String(value)));
  }
  tensor.integer(14, 1);
}

function encodeNode(writer: ProtobufWriter, node: GraphNode, index: number): void {
  for (const input of node.inputs) writer.string(1, input.name);
  for (const output of node.outputs) writer.string(2, output.name);
  writer.string(3, `${node.op}_${index}`).string(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (field) => encodeAttribute(field.string(1, name), attribute));
  }
  if (node.domain) writer.string(7, node.domain);
}

function encodeAttribute(writer: ProtobufWriter, attribute: Attribute): void {
  if (typeof attribute === "string") {
    writer.bytes(4, new TextEncoder().encode(attribute)).integer(20, 3);
  } else if (typeof attribute === "number") {
    writer.integer(3, attribute).integer(20, 2);
  } else if ("float" in attribute) {
    writer.float(2, attribute.float).integer(20, 1);
  } else {
    for (const value of attribute) writer.integer(8, value);
    writer.integer(20, 7);
  }
}

function encodeValueInfo(
  writer: ProtobufWriter,
  value: Value,
  dimensions: readonly (number | string)[],
): void {
  writer.string(1, value.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, ELEMENT_TYPE[value.type]).message(2, (shape) => {
        for (const axis of dimensions) {
          shape.message(1, (dimension) =>
            typeof axis === "string" ? dimension.string(2, axis) : dimension.integer(1, axis),
          );
        }
      }),
    ),
  );
}

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

/** Serialises a graph as an ONNX ModelProto. */
export function encodeModel(graph: PrunedGraph, outputs: readonly Value[]): Uint8Array {
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, "symgrad")
    .message(7, (model) => {
      graph.nodes.forEach((node, index) => {
        model.message(1, (writer) => encodeNode(writer, node, index));
      });
      model.string(2, "trace");
      for (const { value, data } of graph.constants) {
        model.message(5, (tensor) => {
          for (const axis of value.shape) tensor.integer(1, axis);
          tensor.integer(2, ELEMENT_TYPE[value.type]);
          tensor.string(8, value.name);
          tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        });
      }
      for (const input of graph.inputs) model.message(11, (writer) => encodeValueInfo(writer, input));
      for (const output of outputs) model.message(12, (writer) => encodeValueInfo(writer, output));
    })
    .message(8, (opset) => opset.string(1, "").integer(2, OPERATOR_SET))
    .message(8, (opset) => opset.string(1, "com.microsoft").integer(2, 1))
    .finish();
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

function encodeValueInfo(writer: ProtobufWriter, value: Value): void {
  writer.string(1, value.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, ELEMENT_TYPE[value.type]).message(2, (shape) => {
        for (const axis of value.shape) shape.message(1, (dimension) => dimension.integer(1, axis));
      }),
    ),
  );
}

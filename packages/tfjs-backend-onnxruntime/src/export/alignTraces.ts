import { type PrunedGraph, prune } from "../graph/encodeModel";
import { Graph, type GraphData, type GraphNode, type GraphType, type Value } from "../graph/graph";
import { cast } from "../kernels/rule";
import {
  type AxisExpression,
  type DynamicAxis,
  describeExpression,
  evaluateExpression,
  fitExpression,
  vectorNodes,
} from "./axisExpression";

/** One recording of the function, at some lengths of the dynamic axes. */
export interface Sample {
  readonly lengths: readonly number[];
  /** The caller's tensors first, in order, used or not; then weights. */
  readonly graph: PrunedGraph;
  readonly outputs: readonly Value[];
}

/** A graph for any lengths of the axes. */
export interface AlignedGraph {
  readonly graph: PrunedGraph;
  readonly outputs: readonly Value[];
  /** Of the inputs and outputs, by the value's name. */
  readonly dimensions: ReadonlyMap<string, readonly (number | string)[]>;
}

/** Why the recordings cannot be one graph. */
export interface Misfit {
  readonly reason: string;
}

interface Constant {
  readonly value: Value;
  readonly data: GraphData;
}

/**
 * Makes one graph of recordings at different lengths. They must be the same but for constants that follow from the
 * lengths (shapes, bounds of slices, positions, fills), which become nodes that compute them from the inputs' shapes.
 *
 * @param grid One sample per combination of low and high lengths, bit k of the position set where axis k is high.
 * @param check Another one, at lengths off the grid, which must agree with what the grid gave.
 */
export function alignTraces(
  grid: readonly Sample[],
  check: Sample,
  axes: readonly DynamicAxis[],
): AlignedGraph | Misfit {
  const samples = [...grid, check];
  const tables = samples.map(canonical);
  for (const table of tables) {
    const misfit = firstDifference(tables[0]!, table);
    if (misfit) return misfit;
  }
  const expression = (numbers: readonly number[]): AxisExpression | undefined => {
    const fitted = fitExpression(numbers.slice(0, grid.length), axes);
    return fitted && evaluateExpression(fitted, check.lengths) === numbers.at(-1) ? fitted : undefined;
  };
  const shapeOf = (shapes: readonly (readonly number[])[]) =>
    shapes[0]!.map((_, i) => expression(shapes.map((shape) => shape[i]!)));

  const graph = new Graph();
  const values = new Map<string, Value>();
  const dimensions = new Map<string, readonly (number | string)[]>();
  const describeShape = (shapes: readonly (readonly number[])[]) =>
    shapeOf(shapes).map((one, i) => (one ? describeExpression(one, axes) : `axis${i}`));

  const first = grid[0]!;
  first.graph.inputs.forEach((input, i) => {
    const value = graph.input(input.type, input.shape);
    values.set(input.name, value);
    dimensions.set(value.name, describeShape(samples.map((sample) => sample.graph.inputs[i]!.shape)));
  });
  const lengths = axes.map(({ name }) => {
    for (const input of graph.inputs) {
      const at = dimensions.get(input.name)!.indexOf(name);
      if (at >= 0)
        return graph.node("Shape", [input], { type: "int64", shape: [1] }, { start: at, end: at + 1 });
    }
    throw new Error(`no input has the axis ${name}`);
  });

  for (const [i, { value, data }] of tables[0]!.constants.entries()) {
    const seen = tables.map((table) => table.constants[i]!);
    if (seen.every((one) => sameConstant(one, seen[0]!))) {
      values.set(value.name, graph.constant(data, value.type, value.shape));
      continue;
    }
    const made = constantNodes(graph, seen, expression, lengths);
    if (!made) {
      const shapes = seen.map((one) => `[${one.value.shape}]`).join(", ");
      return {
        reason: `a constant (${value.type}, ${shapes}) depends on it in a way that is no sum of products of lengths`,
      };
    }
    values.set(value.name, made);
  }

  for (const node of first.graph.nodes) {
    const inputs = node.inputs.map(({ name }) => values.get(name)!);
    const outputs = graph.nodeWithOutputs(node.op, inputs, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((output, i) => {
      values.set(output.name, outputs[i]!);
    });
  }
  const outputs = first.outputs.map((output, i) => {
    const value = graph.output(values.get(output.name)!);
    dimensions.set(value.name, describeShape(samples.map((sample) => sample.outputs[i]!.shape)));
    return value;
  });
  return { graph: { ...prune(graph, outputs), inputs: graph.inputs }, outputs, dimensions };
}

interface Table {
  /** One line per node: operator, attributes, and where its inputs come from. */
  readonly lines: string[];
  readonly nodes: readonly GraphNode[];
  /** In the order of first use. */
  readonly constants: Constant[];
}

/** A graph without the accidents of its value names. */
function canonical({ graph, outputs }: Sample): Table {
  const ids = new Map<string, string>(graph.inputs.map(({ name }, i) => [name, `input${i}`]));
  const data = new Map(graph.constants.map((constant) => [constant.value.name, constant]));
  const constants: Constant[] = [];
  const idOf = ({ name }: Value): string => {
    let id = ids.get(name);
    if (id === undefined) {
      id = `constant${constants.length}`;
      constants.push(data.get(name)!);
      ids.set(name, id);
    }
    return id;
  };
  const lines = graph.nodes.map((node, index) => {
    const inputs = node.inputs.map(idOf);
    node.outputs.forEach(({ name }, i) => {
      ids.set(name, `node${index}.${i}`);
    });
    return `${node.domain}:${node.op}(${inputs}) ${JSON.stringify(node.attributes)}`;
  });
  lines.push(`outputs ${outputs.map(idOf)}`);
  return { lines, nodes: graph.nodes, constants };
}

function firstDifference(one: Table, other: Table): Misfit | undefined {
  const longer = one.lines.length > other.lines.length ? one.lines : other.lines;
  const at = longer.findIndex((_, i) => one.lines[i] !== other.lines[i]);
  if (at < 0) return undefined;
  const [a, b] = [one.nodes[at], other.nodes[at]];
  const what =
    a && b && a.op === b.op && JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)
      ? `the attributes of a ${a.op} depend on it (${JSON.stringify(a.attributes)} or ${JSON.stringify(b.attributes)})`
      : `other operations run for other lengths (${a?.op ?? "none"} or ${b?.op ?? "none"} at node ${at})`;
  return { reason: what };
}

function sameConstant(one: Constant, other: Constant): boolean {
  return (
    one.value.shape.join() === other.value.shape.join() &&
    one.data.length === other.data.length &&
    (one.data as ArrayLike<unknown> & { every: Float32Array["every"] }).every((x, i) =>
      Object.is(x, other.data[i]),
    )
  );
}

/** Nodes that give a constant at any lengths; `undefined` if none of the known forms fits. */
function constantNodes(
  graph: Graph,
  seen: readonly Constant[],
  expression: (numbers: readonly number[]) => AxisExpression | undefined,
  lengths: readonly Value[],
): Value | undefined {
  const { value, data } = seen[0]!;
  const rank = value.shape.length;
  if (seen.some((one) => one.value.shape.length !== rank)) return undefined;
  const vector = (numbers: readonly (readonly number[])[]): Value | undefined => {
    const expressions = numbers[0]!.map((_, i) => expression(numbers.map((one) => one[i]!)));
    return expressions.some((one) => one === undefined)
      ? undefined
      : vectorNodes(graph, expressions as AxisExpression[], lengths);
  };
  if (value.type === "int64") {
    if (seen.some((one) => one.data.length !== data.length)) return undefined;
    const made = vector(seen.map((one) => Array.from(one.data as BigInt64Array, Number)));
    return made && rank === 0 ? reshape(graph, made, graph.int64([]), value) : made;
  }
  const shape = vector(seen.map((one) => one.value.shape));
  const lines = seen.map((one) => asLine(Array.from(one.data as Float32Array)));
  if (!shape || lines.some((line) => line === undefined)) return undefined;
  const start = vector(lines.map((line) => [line!.start]));
  const steps = lines.map((line) => line!.step);
  if (steps.every((step) => step === 0)) {
    const fixed = lines.every((line) => Object.is(line!.start, lines[0]!.start));
    if (!fixed && !start) return undefined;
    const fill = fixed
      ? graph.constant(data.slice(0, 1) as GraphData, value.type, [])
      : scalar(graph, start!, value.type);
    return graph.node("Expand", [fill, shape], value);
  }
  const step = vector(steps.map((one) => [one]));
  const count = vector(seen.map((one) => [one.data.length]));
  if (!start || !step || !count) return undefined;
  const int64 = { type: "int64", shape: [data.length] } as const;
  const positions = graph.node(
    "Range",
    [graph.scalar(0, "int64"), scalar(graph, count, "int64"), graph.scalar(1, "int64")],
    int64,
  );
  const line = graph.node("Add", [graph.node("Mul", [positions, step], int64), start], int64);
  return reshape(graph, cast(graph, line, value.type), shape, value);
}

/** Evenly spaced numbers, or the same number everywhere (step 0). */
function asLine(numbers: readonly number[]): { start: number; step: number } | undefined {
  if (numbers.length === 0) return undefined;
  const start = numbers[0]!;
  const step = numbers.length > 1 ? numbers[1]! - start : 0;
  return numbers.every((number, i) => Object.is(number + 0, start + i * step + 0))
    ? { start, step }
    : undefined;
}

function reshape(graph: Graph, x: Value, shape: Value, like: Value): Value {
  return graph.node("Reshape", [x, shape], { type: x.type, shape: like.shape }, { allowzero: 1 });
}

/** A `[1]` int64 as a scalar of another type. */
function scalar(graph: Graph, x: Value, type: GraphType): Value {
  const flat = graph.node("Squeeze", [x], { type: "int64", shape: [] });
  return cast(graph, flat, type);
}

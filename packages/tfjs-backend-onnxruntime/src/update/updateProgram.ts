import type { Graph, GraphNode, Value } from "../graph/graph";

/** One operation of an update on whole tensors; operands are positions among inputs, scalars or earlier steps. */
export interface ProgramStep {
  readonly op: UpdateOp;
  readonly operands: readonly Operand[];
}

export type Operand =
  | { readonly kind: "input" | "scalar" | "step"; readonly index: number }
  | { readonly kind: "constant"; readonly number: number };

/** ONNX's elementwise operators that are one instruction in WebAssembly, with the same rounding. */
export const UPDATE_OPS = ["Add", "Sub", "Mul", "Div", "Sqrt", "Neg", "Abs"] as const;
export type UpdateOp = (typeof UPDATE_OPS)[number];

/**
 * New values of tensors of one shape as elementwise expressions over tensors of that shape and scalars, computed
 * together in one pass: each element is read once and written once, in place.
 */
export class UpdateProgram {
  readonly inputs: Value[] = [];
  readonly scalars: Value[] = [];
  readonly steps: ProgramStep[] = [];
  readonly results: Operand[] = [];
  private readonly known = new Map<string, Operand>();

  /** @param isLeaf Values that are at hand already and need no step. */
  constructor(
    private readonly graph: Graph,
    private readonly isLeaf: (value: Value) => boolean,
  ) {}

  /** Adds a value to be computed. */
  add(value: Value): void {
    this.results.push(this.operand(value));
  }

  private operand(value: Value): Operand {
    const known = this.known.get(value.name);
    if (known) return known;
    const operand = this.newOperand(value);
    this.known.set(value.name, operand);
    return operand;
  }

  private newOperand(value: Value): Operand {
    if (isScalar(value)) {
      const constant = this.graph.constants.get(value.name);
      if (constant) return { kind: "constant", number: Number(constant.data[0]) };
      return { kind: "scalar", index: this.scalars.push(value) - 1 };
    }
    const node = updateNode(this.graph, value);
    if (!node || this.isLeaf(value)) return { kind: "input", index: this.inputs.push(value) - 1 };
    const operands = node.inputs.map((input) => this.operand(input));
    return { kind: "step", index: this.steps.push({ op: node.op as UpdateOp, operands }) - 1 };
  }
}

/** The node behind a value if an update program can compute it. */
export function updateNode(graph: Graph, value: Value): GraphNode | undefined {
  const node = graph.producer(value);
  if (node?.domain !== "" || !UPDATE_OPS.includes(node.op as UpdateOp)) return undefined;
  const fits = node.inputs.every(
    (input) => input.type === "float32" && (isScalar(input) || sameShape(input, value)),
  );
  return value.type === "float32" && fits ? node : undefined;
}

function isScalar(value: Value): boolean {
  return value.shape.length === 0;
}

function sameShape(a: Value, b: Value): boolean {
  return a.shape.length === b.shape.length && a.shape.every((axis, i) => axis === b.shape[i]);
}

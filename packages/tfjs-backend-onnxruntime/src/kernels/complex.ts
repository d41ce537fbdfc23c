import type { Graph, Value } from "../graph/graph";
import { type KernelRule, type KernelRules, reshape } from "./rule";
import { concat, slice } from "./shapes";

/** Rules for complex64 tensors, which a graph holds as real and imaginary part on a last axis of their own, float32. */
interface ComplexRule {
  readonly rule: KernelRule;
  /** Whether the result is complex again. */
  readonly complex: boolean;
}

function part(graph: Graph, pairs: Value, at: 0 | 1): Value {
  const shape = pairs.shape.slice(0, -1);
  const begin = [...shape.map(() => 0), at];
  return reshape(graph, slice(graph, pairs, begin, [...shape, 1]), shape);
}

/** Over the last axis. */
function fourier(inverse: 0 | 1): ComplexRule {
  const rule: KernelRule = (graph, { input }) => {
    const axis = input!.shape.length - 2;
    const [length, along] = [input!.shape[axis]!, axis].map((value) => graph.scalar(value, "int64"));
    return graph.node("DFT", [input!, length!, along!], input!, { inverse });
  };
  return { rule, complex: true };
}

const rules: Readonly<Record<string, ComplexRule>> = {
  Complex: {
    rule: (graph, { real, imag }) =>
      concat(
        graph,
        [real!, imag!].map((x) => reshape(graph, x, [...x.shape, 1])),
        real!.shape.length,
      ),
    complex: true,
  },
  Real: { rule: (graph, { input }) => part(graph, input!, 0), complex: false },
  Imag: { rule: (graph, { input }) => part(graph, input!, 1), complex: false },
  ComplexAbs: {
    rule: (graph, { x }) =>
      graph.node(
        "ReduceL2",
        [x!, graph.int64([-1])],
        { type: "float32", shape: x!.shape.slice(0, -1) },
        { keepdims: 0 },
      ),
    complex: false,
  },
  FFT: fourier(0),
  IFFT: fourier(1),
  Reshape: { rule: (graph, { x }, { shape }) => reshape(graph, x!, [...shape, 2]), complex: true },
  Identity: { rule: (_graph, { x }) => x!, complex: true },
};

export const complexRules: KernelRules = Object.fromEntries(
  Object.entries(rules).map(([name, { rule }]) => [name, rule]),
);

/** Whether a kernel of complex tensors gives complex ones. */
export function givesComplex(kernelName: string): boolean {
  return rules[kernelName]?.complex === true;
}

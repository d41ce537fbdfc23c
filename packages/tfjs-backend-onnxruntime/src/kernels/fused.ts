import type { KernelRules } from "./rule";

/** Kernels that TensorFlow.js does not have: one ONNX operator where it takes several. They can only be traced. */
export const fusedRules: KernelRules = {
  /** y, mean and 1 / sqrt(variance + epsilon) over the last axis. */
  LayerNormalization: (graph, { x, weight, bias }, { epsilon }) => {
    const row = { type: "float32", shape: [...x!.shape.slice(0, -1), 1] } as const;
    return graph.nodeWithOutputs("LayerNormalization", [x!, weight!, bias!], [x!, row, row], {
      axis: -1,
      epsilon: { float: epsilon },
    });
  },
  /** x Phi(x), by erf. */
  Gelu: (graph, { x }) => graph.node("Gelu", [x!], x!),
  /** softmax(Q K^T) V per head, block by block, so that no `[tokens, tokens]` matrix goes to memory. */
  MultiHeadAttention: (graph, { query, key, value }, { heads }) =>
    graph.node(
      "MultiHeadAttention",
      [query!, key!, value!],
      value!,
      { num_heads: heads as number, scale: { float: 1 } },
      "com.microsoft",
    ),
};

import { backend_util, util } from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph/graph";
import { withBiasAndActivation } from "./activations";
import { cast, type KernelRule, type KernelRules, reshape, toInt32 } from "./rule";

/**
 * a b with optional transposes. Two matrices become Gemm, anything batched MatMul, or FusedMatMul where a transpose would
 * otherwise cost a copy. A bias stays a sum of its own, which ONNX Runtime computes with all threads: Gemm's
 * third input is written into the result by one thread beforehand.
 */
export function matMul(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const rank = Math.max(a.shape.length, b.shape.length);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const inner = [a.shape.at(transposeA ? -2 : -1)!, b.shape.at(transposeB ? -1 : -2)!] as const;
  util.assert(
    inner[0] === inner[1],
    () =>
      `Error in matMul: inner shapes (${inner[0]}) and (${inner[1]}) of Tensors with shapes ${a.shape} and ` +
      `${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const x = cast(graph, a, "float32");
  const y = cast(graph, b, "float32");
  const output = { type: "float32", shape: [...batch, rows, columns] } as const;
  const isMatrix =
    a.shape.slice(0, -2).every((axis) => axis === 1) && b.shape.slice(0, -2).every((axis) => axis === 1);
  if (isMatrix && hasManyRows(graph, x, y, transposeA)) {
    const shape = [1, ROW_BLOCKS, rows / ROW_BLOCKS, columns];
    const blocks = reshape(graph, x, [ROW_BLOCKS, rows / ROW_BLOCKS, x.shape.at(-1)!]);
    // An axis more than the blocks have: with two or three, all rows would be one product again.
    const shared = reshape(graph, y, [1, 1, ...y.shape.slice(-2)]);
    return reshape(graph, batched(graph, blocks, shared, shape, false, transposeB), output.shape);
  }
  if (isMatrix) {
    const product = graph.node(
      "Gemm",
      [reshape(graph, x, x.shape.slice(-2)), reshape(graph, y, y.shape.slice(-2))],
      { type: "float32", shape: [rows, columns] },
      { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
    );
    return rank === 2 ? product : reshape(graph, product, output.shape);
  }
  return batched(graph, x, y, output.shape, transposeA, transposeB);
}

function batched(
  graph: Graph,
  a: Value,
  b: Value,
  shape: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): Value {
  const output = { type: "float32", shape } as const;
  if (!transposeA && !transposeB) return graph.node("MatMul", [a, b], output);
  const transposes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  return graph.node("FusedMatMul", [a, b], output, transposes, "com.microsoft");
}

const ROW_BLOCKS = 4;

/**
 * Whether the product is a batch of four, a quarter of the rows each. ONNX Runtime goes through all rows of `a` and of the
 * result for every 128 x 128 piece of `b`: a quarter of them stays in a core's cache. Several threads share the rows anyway.
 */
function hasManyRows(graph: Graph, a: Value, b: Value, transposeA: boolean): boolean {
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const small = Math.min(columns, ...b.shape.slice(-2)) < 64;
  return graph.threads === 1 && !transposeA && !small && rows >= 1024 && rows % ROW_BLOCKS === 0;
}

/** ONNX Runtime has products of float32 only; integers stay integers. */
const batchMatMul: KernelRule = (graph, { a, b }, { transposeA, transposeB }) => {
  const product = matMul(graph, a!, b!, transposeA === true, transposeB === true);
  return a!.type === "int32" ? toInt32(graph, product) : product;
};

const fusedMatMul: KernelRule = (graph, { a, b, bias, preluActivationWeights }, attributes) => {
  const product = matMul(graph, a!, b!, attributes.transposeA === true, attributes.transposeB === true);
  return withBiasAndActivation(graph, product, bias, preluActivationWeights, attributes);
};

export const matrixRules: KernelRules = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul };

import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend, BACKEND_NAME, registerOnnxRuntimeBackend } from "../backend";
import { inOrder } from "../jit/runQueue";
import { checkFile } from "./checkFile";
import { dynamicGraph } from "./dynamicGraph";
import { exportSubject } from "./exportSubject";
import type { ExportedOnnx, ExportOnnxOptions, InferenceFunction } from "./exportTypes";
import { nameGraph, writeModelFile } from "./modelFile";

/**
 * Writes a function for inference, or a tf.layers model, as an ONNX file that runs without TensorFlow.js: its weights
 * are inside, and its named axes may have any length. The function is traced at several lengths of each; what follows
 * from the lengths is computed from the inputs' shapes. An axis for which that fails is fixed, if `axes` gives its
 * size, and the result says so. The file takes its place only after a plain onnxruntime session gave the eager result
 * with it, at several lengths.
 *
 * Waits for jitted calls made before. The backend in use stays the one in use.
 *
 * @param what A function from tensors by name to tensors in arrays, objects or alone; or a tf.layers model.
 * @throws SymgradError `E_EXPORT` if the function assigns variables, draws random numbers, fails at some lengths or
 * gives other results in the file, or an axis cannot be dynamic and has no size; `E_TRACE` if it cannot be traced;
 * `E_FILE` if the file cannot be written.
 * @example
 * await exportOnnx(({ ids, mask }) => encoder.apply(table.apply(ids), { mask }), "encoder.onnx", {
 *   inputs: {
 *     ids: { shape: ["batch", "sequence"], dtype: "int64", below: 30522 },
 *     mask: { shape: ["batch", "sequence"] },
 *   },
 *   axes: { sequence: { max: 512 } },
 * });
 */
export function exportOnnx(
  what: InferenceFunction | tf.LayersModel,
  file: string,
  options: ExportOnnxOptions = {},
): Promise<ExportedOnnx> {
  return inOrder(() => withBackend(() => exportNow(what, file, options)));
}

async function exportNow(
  what: InferenceFunction | tf.LayersModel,
  file: string,
  options: ExportOnnxOptions,
): Promise<ExportedOnnx> {
  const subject = exportSubject(what, options);
  const axes = options.axes ?? {};
  const dynamic = dynamicGraph(activeOnnxRuntimeBackend()!, subject, axes);
  const named = nameGraph(dynamic, subject);
  const outputNames = named.outputs.map(({ name }) => name);
  const fixed = new Map(dynamic.fixedAxes.map(({ axis, size }) => [axis, size]));
  const free = new Set([...subject.inputs.values()].flatMap(({ shape }) => shape));
  const dynamicNames = [...free]
    .filter((axis) => typeof axis === "string")
    .filter((axis) => !fixed.has(axis));
  const { checked, ...written } = await writeModelFile(
    file,
    named,
    { ...options, name: subject.name },
    (path) => checkFile(path, subject, outputNames, dynamicNames, fixed, axes, options.tolerance ?? 1e-4),
  );
  const describe = (values: readonly { name: string; type: string }[]) =>
    values.map(({ name, type }) => ({ name, dtype: type, shape: named.dimensions.get(name)! }));
  return {
    file,
    ...written,
    nodes: named.graph.nodes.length,
    inputs: describe(named.inputs),
    outputs: describe(named.outputs),
    fixedAxes: dynamic.fixedAxes,
    domains: [...new Set(named.graph.nodes.map(({ domain }) => domain))].filter((domain) => domain !== ""),
    checks: checked,
  };
}

/** Tracing needs this backend; another one in use comes back afterwards. */
async function withBackend<T>(body: () => Promise<T>): Promise<T> {
  const before = tf.getBackend();
  if (before === BACKEND_NAME) return body();
  if (!tf.findBackend(BACKEND_NAME)) await registerOnnxRuntimeBackend();
  await tf.setBackend(BACKEND_NAME);
  try {
    return await body();
  } finally {
    await tf.setBackend(before);
  }
}

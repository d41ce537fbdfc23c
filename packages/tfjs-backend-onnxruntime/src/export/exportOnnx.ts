import { basename, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend, BACKEND_NAME, registerOnnxRuntimeBackend } from "../backend";
import { inOrder } from "../jit/runQueue";
import { checkFile } from "./checkFile";
import { dynamicGraph } from "./dynamicGraph";
import { exportSubject } from "./exportSubject";
import type {
  ExportedOnnx,
  ExportedOnnxModels,
  ExportModel,
  ExportOnnxOptions,
  InferenceFunction,
} from "./exportTypes";
import { type ModelPart, nameGraph, writeModelFiles } from "./modelFile";

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

/**
 * As {@link exportOnnx}, for several functions that share weights: one file each in `folder`, and one file of weights
 * beside them, in which a weight that several of them use stands once.
 *
 * @param models By the file's name: a function or model, and how to export it.
 * @param options.dataFile Name of the file of the weights. Default "weights.data".
 * @throws SymgradError As {@link exportOnnx}; then no file is written.
 */
export function exportOnnxModels(
  folder: string,
  models: Readonly<Record<string, ExportModel>>,
  { dataFile = "weights.data" }: { dataFile?: string } = {},
): Promise<ExportedOnnxModels> {
  return inOrder(() =>
    withBackend(async () => {
      const prepared = Object.entries(models).map(([name, { what, ...options }]) =>
        prepare(what, join(folder, name), options),
      );
      const parts = prepared.map(({ part }) => part);
      const written = await writeModelFiles(parts, { name: dataFile, above: -1 });
      return {
        dataFile: written.dataFile!,
        dataBytes: written.dataBytes,
        models: written.models.map((model, i) => ({ ...prepared[i]!.description, ...outcome(model) })),
      };
    }),
  );
}

async function exportNow(
  what: InferenceFunction | tf.LayersModel,
  file: string,
  options: ExportOnnxOptions,
): Promise<ExportedOnnx> {
  const { part, description } = prepare(what, file, options);
  const written = await writeModelFiles([part], {
    name: `${basename(file)}.data`,
    above: options.externalDataAbove ?? Number.POSITIVE_INFINITY,
  });
  const { bytes, checks } = outcome(written.models[0]!);
  return {
    ...description,
    ...(written.dataFile !== undefined && { dataFile: written.dataFile }),
    bytes: bytes + written.dataBytes,
    checks,
  };
}

const outcome = ({ bytes, checked }: { bytes: number; checked: ExportedOnnx["checks"] }) => ({
  bytes,
  checks: checked,
});

/** Traces what is exported and says what its file will be. */
function prepare(
  what: InferenceFunction | tf.LayersModel,
  file: string,
  options: ExportOnnxOptions,
): { part: ModelPart<ExportedOnnx["checks"]>; description: Omit<ExportedOnnx, "bytes" | "checks"> } {
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
  const describe = (values: readonly { name: string; type: string }[]) =>
    values.map(({ name, type }) => ({ name, dtype: type, shape: named.dimensions.get(name)! }));
  return {
    part: {
      path: file,
      named,
      name: subject.name,
      metadata: options.metadata,
      check: (path) =>
        checkFile(path, subject, outputNames, dynamicNames, fixed, axes, options.tolerance ?? 1e-4),
    },
    description: {
      file,
      nodes: named.graph.nodes.length,
      inputs: describe(named.inputs),
      outputs: describe(named.outputs),
      fixedAxes: dynamic.fixedAxes,
      domains: [...new Set(named.graph.nodes.map(({ domain }) => domain))].filter((domain) => domain !== ""),
    },
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

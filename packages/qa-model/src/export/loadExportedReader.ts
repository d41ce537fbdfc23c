import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import { builtins, createRegistry, type Registry } from "@symgrad/symbolic-plugins";
import { isFile } from "../internal/isFile";
import { DEFAULT_READER_LIMITS } from "../reader/reader";
import { readReaderFolder } from "../reader/readReaderFolder";
import { ExportedReader } from "./exportedReader";
import { ONNX_FILES } from "./exportReader";
import { type OnnxRuntimeOptions, openOnnxModel } from "./onnxRuntime";

export interface LoadExportedReaderOptions extends OnnxRuntimeOptions {
  /** Knows the function that the reader calls. Default: the built-in functions. */
  registry?: Registry | undefined;
}

/**
 * Opens a folder that `exportReader` wrote: its graphs run on onnxruntime-node, or on any other onnxruntime that is given,
 * and the function in JavaScript between them. It answers as the reader that was exported.
 *
 * @param options.runtime For example onnxruntime-web's module: `{ runtime: await import("onnxruntime-web") }`.
 * @throws SymgradError `E_FILE` if the folder has no exported reader; `E_FORMAT`, `E_VOCABULARY` for broken files;
 *   `E_NAME` if the registry does not know the function.
 */
export async function loadExportedReader(
  folder: string,
  options: LoadExportedReaderOptions = {},
): Promise<ExportedReader> {
  await assertFile(folder, "reader.json");
  const { config, tokenizer, limits } = await readReaderFolder(folder);
  const layer = config.calculator
    ? (options.registry ?? createRegistry(builtins)).layer(config.function, {
        estimator: straightThroughGumbel({ temperature: 1 }),
        vocabulary: tokenizer,
        onUndefined: "mask",
      })
    : undefined;
  const names = layer ? (["terms", "answer"] as const) : (["model"] as const);
  for (const name of names) await assertFile(folder, ONNX_FILES[name]);
  const weights = layer ? ONNX_FILES.weights : undefined;
  if (weights) await assertFile(folder, weights);
  const open = (name: keyof typeof ONNX_FILES) =>
    openOnnxModel(join(folder, ONNX_FILES[name]), weights && join(folder, weights), options);
  const answer = await open(layer ? "answer" : "model");
  const terms = layer ? await open("terms") : undefined;
  return new ExportedReader({
    config,
    tokenizer,
    layer,
    limits: { ...DEFAULT_READER_LIMITS, ...limits },
    models: { answer, terms },
  });
}

async function assertFile(folder: string, name: string): Promise<void> {
  if (await isFile(join(folder, name))) return;
  throw new SymgradError("E_FILE", `there is no exported reader in ${folder}: no ${name}.`, {
    hint: "write one: `symgrad export RUN --out DIR`, or exportReader(reader, folder)",
  });
}

import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import { builtins, createRegistry, type Registry } from "@symgrad/symbolic-plugins";
import { isFile } from "../internal/isFile";
import { DEFAULT_READER_LIMITS } from "../reader/reader";
import { functionNames } from "../reader/readerConfig";
import { readReaderFolder } from "../reader/readReaderFolder";
import { ExportedReader } from "./exportedReader";
import { ONNX_FILES, termsFile } from "./exportReader";
import { type OnnxModel, type OnnxRuntimeOptions, openOnnxModel } from "./onnxRuntime";

export interface LoadExportedReaderOptions extends OnnxRuntimeOptions {
  /** Knows the functions that the reader calls. Default: the built-in functions. */
  registry?: Registry | undefined;
}

/**
 * Opens a folder that `exportReader` wrote: its graphs run on onnxruntime-node, or on any other onnxruntime that is given,
 * and the functions in JavaScript between them. It answers as the reader that was exported.
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
  const registry = options.registry ?? createRegistry(builtins);
  const layers = (config.calculator ? functionNames(config) : []).map((name) =>
    registry.layer(name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: tokenizer,
      onUndefined: "mask",
    }),
  );
  const termsFiles = layers.map((_, stage) => termsFile(stage));
  const answerFile = layers.length > 0 ? ONNX_FILES.answer : ONNX_FILES.model;
  const weights = layers.length > 0 ? ONNX_FILES.weights : undefined;
  for (const file of [...termsFiles, answerFile]) await assertFile(folder, file);
  if (weights) await assertFile(folder, weights);
  const open = (file: string) => openOnnxModel(join(folder, file), weights && join(folder, weights), options);
  const answer = await open(answerFile);
  const terms: OnnxModel[] = [];
  for (const file of termsFiles) terms.push(await open(file));
  return new ExportedReader({
    config,
    tokenizer,
    layers,
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

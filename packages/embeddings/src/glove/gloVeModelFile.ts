import { RandomKey, readSafetensors, type SavableTensor, SymgradError, saveSafetensors } from "@symgrad/core";
import { WordVectors } from "../wordVectors";
import { type GloVeModel, type GloVeTables, resolveGloVeOptions } from "./trainGloVe";

const FORMAT = "symgrad.glove.v1";
const TABLES = ["words", "contexts", "wordBiases", "contextBiases"] as const;

/**
 * Writes all of a model, so that a training that was stopped can go on from it: one safetensors file with the vectors,
 * the tables and AdaGrad's sums, the words as text, options and progress in the metadata. Whole or not at all.
 *
 * @throws SymgradError `E_DISK`, `E_FILE` if it cannot be written.
 */
export async function saveGloVeModel(model: GloVeModel, path: string): Promise<void> {
  const { vectors, losses, complete, options, state } = model;
  const { size, dimension, words, values } = vectors;
  const text = new TextEncoder().encode(words.join("\n"));
  const tensors = new Map<string, SavableTensor>([
    ["vocabulary", { dtype: "U8", shape: [text.length], data: text }],
    ["vectors", { dtype: "F32", shape: [size, dimension], data: values }],
  ]);
  for (const [prefix, tables] of Object.entries({ "": model, "squares.": state?.squares })) {
    for (const name of TABLES) {
      const data = tables?.[name];
      const shape = name.endsWith("Biases") ? [size] : [size, dimension];
      if (data) tensors.set(prefix + name, { dtype: "F32", shape, data });
    }
  }
  await saveSafetensors(path, tensors, {
    format: FORMAT,
    options: JSON.stringify({ ...options, key: options.key.toString() }),
    progress: JSON.stringify({ losses, complete, records: state?.records, loss: state?.loss }),
  });
}

/** @throws SymgradError `E_FORMAT` if the file is another one or damaged, `E_FILE` if it cannot be read. */
export async function loadGloVeModel(path: string): Promise<GloVeModel> {
  const { tensors, metadata } = await readSafetensors(path);
  const text = tensors.get("vocabulary")?.data;
  const values = tensors.get("vectors")?.data;
  if (metadata.format !== FORMAT || !(text instanceof Uint8Array) || !(values instanceof Float32Array)) {
    throw new SymgradError("E_FORMAT", `${path} is not a saved GloVe model`, {
      hint: "name a file that embed glove (saveGloVeModel) wrote; it holds more than the vectors",
    });
  }
  const tablesOf = (prefix: string) =>
    Object.fromEntries(
      TABLES.map((name) => [name, tensors.get(prefix + name)?.data]),
    ) as unknown as GloVeTables;
  const stored = JSON.parse(metadata.options!);
  const options = resolveGloVeOptions({ ...stored, key: RandomKey.parse(stored.key) });
  const { losses, complete, records, loss } = JSON.parse(metadata.progress!);
  const words = new TextDecoder().decode(text).split("\n");
  return {
    vectors: new WordVectors({ words, dimension: options.dimension, values }),
    ...tablesOf(""),
    ...{ losses, complete, options },
    state: complete ? undefined : { squares: tablesOf("squares."), records, loss },
  };
}

import { readSafetensors, saveSafetensors } from "@symgrad/core";
import { modelOf, storedModel } from "./storedWord2VecModel";
import type { Word2VecModel } from "./word2VecModel";

/**
 * Writes all of a model, so that training can go on from it: one safetensors file with the matrices `input`, `output`
 * and `nodes` [words, dimension], the vocabulary as text, options and progress in the metadata. Whole or not at all.
 *
 * @throws SymgradError `E_DISK`, `E_FILE` if it cannot be written.
 */
export async function saveWord2VecModel(model: Word2VecModel, path: string): Promise<void> {
  const { tensors, metadata } = storedModel(model);
  await saveSafetensors(path, tensors, metadata);
}

/** @throws SymgradError `E_FORMAT` if the file is another one or damaged, `E_FILE` if it cannot be read. */
export async function loadWord2VecModel(path: string): Promise<Word2VecModel> {
  return modelOf(await readSafetensors(path), path);
}

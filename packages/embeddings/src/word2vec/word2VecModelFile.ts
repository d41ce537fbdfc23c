import { RandomKey, readSafetensors, type SavableTensor, SymgradError, saveSafetensors } from "@symgrad/core";
import { formatVocabulary, parseVocabulary } from "../vocabulary/vocabularyFile";
import { WordVectors } from "../wordVectors";
import type { Word2VecModel } from "./word2VecModel";
import { resolveWord2VecOptions } from "./word2VecOptions";

const FORMAT = "symgrad.word2vec.v1";

/**
 * Writes all of a model, so that training can go on from it: one safetensors file with the matrices `input`, `output`
 * and `nodes` [words, dimension], the vocabulary as text, options and progress in the metadata. Whole or not at all.
 *
 * @throws SymgradError `E_DISK`, `E_FILE` if it cannot be written.
 */
export async function saveWord2VecModel(model: Word2VecModel, path: string): Promise<void> {
  const { vectors, vocabulary, output, nodes, options, progress } = model;
  const text = formatVocabulary(vocabulary);
  const tensors = new Map<string, SavableTensor>([
    ["vocabulary", { dtype: "U8", shape: [text.length], data: text }],
  ]);
  for (const [name, data] of Object.entries({ input: vectors.values, output, nodes })) {
    if (data) tensors.set(name, { dtype: "F32", shape: [vectors.size, vectors.dimension], data });
  }
  await saveSafetensors(path, tensors, {
    format: FORMAT,
    options: JSON.stringify({ ...options, key: options.key.toString() }),
    progress: JSON.stringify({ ...progress, randomStates: progress.randomStates.map(String) }),
  });
}

/** @throws SymgradError `E_FORMAT` if the file is another one or damaged, `E_FILE` if it cannot be read. */
export async function loadWord2VecModel(path: string): Promise<Word2VecModel> {
  const { tensors, metadata } = await readSafetensors(path);
  const text = tensors.get("vocabulary")?.data;
  const input = tensors.get("input")?.data;
  if (metadata.format !== FORMAT || !(text instanceof Uint8Array) || !(input instanceof Float32Array)) {
    throw new SymgradError("E_FORMAT", `${path} is not a saved word2vec model`, {
      hint: "name a file that --save-model (saveWord2VecModel) wrote; it holds more than the vectors",
    });
  }
  const stored = JSON.parse(metadata.options!);
  const options = resolveWord2VecOptions({ ...stored, key: RandomKey.parse(stored.key) });
  const progress = JSON.parse(metadata.progress!);
  const vocabulary = parseVocabulary(text, path);
  const matrix = (name: string) => tensors.get(name)?.data as Float32Array | undefined;
  return {
    vectors: new WordVectors({ words: vocabulary.words, dimension: options.dimension, values: input }),
    vocabulary,
    output: matrix("output"),
    nodes: matrix("nodes"),
    options,
    progress: { ...progress, randomStates: progress.randomStates.map(BigInt) },
  };
}

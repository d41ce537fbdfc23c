import { RandomKey, type SafetensorsFile, type StoredTensor, SymgradError } from "@symgrad/core";
import { formatVocabulary, parseVocabulary } from "../vocabulary/vocabularyText";
import { WordVectors } from "../wordVectors";
import type { Word2VecModel } from "./word2VecModel";
import { resolveWord2VecOptions } from "./word2VecOptions";

const FORMAT = "symgrad.word2vec.v1";

/** A model as the contents of a safetensors file. */
export function storedModel(model: Word2VecModel): SafetensorsFile {
  const { vectors, vocabulary, output, nodes, options, progress } = model;
  const text = formatVocabulary(vocabulary);
  const tensors = new Map<string, StoredTensor>([
    ["vocabulary", { dtype: "U8", shape: [text.length], data: text }],
  ]);
  for (const [name, data] of Object.entries({ input: vectors.values, output, nodes })) {
    if (data) tensors.set(name, { dtype: "F32", shape: [vectors.size, vectors.dimension], data });
  }
  const metadata = {
    format: FORMAT,
    options: JSON.stringify({ ...options, key: options.key.toString() }),
    progress: JSON.stringify({ ...progress, randomStates: progress.randomStates.map(String) }),
  };
  return { tensors, metadata };
}

/** @throws SymgradError `E_FORMAT` if they are the contents of something else. */
export function modelOf({ tensors, metadata }: SafetensorsFile, path: string): Word2VecModel {
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

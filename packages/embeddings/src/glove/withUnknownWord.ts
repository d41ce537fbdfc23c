import { WordVectors } from "../wordVectors";

/** GloVe's name for all words that have no vector. */
export const UNKNOWN_WORD = "<unk>";

/** The vectors and, as in glove.c's files, a last one for unknown words: the mean of the `rarest` last ones. */
export function withUnknownWord(vectors: WordVectors, rarest = 100): WordVectors {
  const { words, dimension, values, size } = vectors;
  if (vectors.has(UNKNOWN_WORD)) return vectors;
  const count = Math.min(rarest, size);
  const table = new Float32Array(values.length + dimension);
  table.set(values);
  const mean = new Float64Array(dimension);
  for (let i = (size - count) * dimension; i < values.length; i++) mean[i % dimension]! += values[i]! / count;
  table.set(mean, values.length);
  return new WordVectors({ words: [...words, UNKNOWN_WORD], dimension, values: table });
}

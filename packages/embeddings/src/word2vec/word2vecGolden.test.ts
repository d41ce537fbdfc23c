import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { textFiles } from "../corpus/textFiles";
import { loadWordVectors } from "../formats/loadWordVectors";
import { buildVocabulary } from "../vocabulary/buildVocabulary";
import { WordVectors } from "../wordVectors";
import { trainWord2Vec } from "./trainWord2Vec";

// The authors' program trained on this text (see the script beside it), where only the start is drawn at random.
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/word2vec/${name}`, import.meta.url));

/** As word2vec.c draws its start. */
function start(words: readonly string[], dimension: number): WordVectors {
  let random = 1n;
  const values = Float32Array.from({ length: words.length * dimension }, () => {
    random = BigInt.asUintN(64, random * 25214903917n + 11n);
    return (Number(random & 0xffffn) / 65536 - 0.5) / dimension;
  });
  return new WordVectors({ words, dimension, values });
}

test.each([
  ["skip-gram", "word2vec-cbow0.bin"],
  ["cbow", "word2vec-cbow1.bin"],
] as const)("%s with hierarchical softmax: what word2vec.c learns", async (architecture, file) => {
  const golden = await loadWordVectors(fixture(file));
  const corpus = textFiles(fixture("corpus.txt"));
  const vocabulary = await buildVocabulary(corpus, { minCount: 1, lineEnd: true });
  expect(vocabulary.words).toEqual(golden.words);
  const initial = { vectors: start(golden.words, 8), output: undefined, nodes: undefined };
  const { vectors } = await trainWord2Vec(corpus, {
    ...{ architecture, vocabulary, initial, dimension: 8, windowSize: 1 },
    ...{ hierarchicalSoftmax: true, negativeSamples: 0, sample: 0, epochs: 1 },
    ...{ learningRate: 0.05, minLearningRate: 0.05 }, // word2vec.c lowers its rate every 10,000 words
  });
  expect(Math.max(...golden.values)).toBeGreaterThan(0.3);
  const differences = golden.values.map((value, i) => Math.abs(value - vectors.values[i]!));
  // Sums in another order may take the neighboring entry of the sigmoid table.
  expect(Math.max(...differences)).toBeLessThan(1e-3);
});

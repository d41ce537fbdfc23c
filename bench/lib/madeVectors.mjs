// Word vectors that stand in for trained ones: words in topics of uneven size, as many numbers as are wanted.
import { key, uniform52 } from "@symgrad/core";
import { saveWordVectors, WordVectors } from "@symgrad/embeddings";

const TOPICS = 2000;

/** Writes `words` vectors to the file: a topic's direction, and about as much noise. */
export async function writeMadeVectors(file, words, dimension) {
  const names = Array.from({ length: words }, (_, i) => `word${i}`);
  const values = new Float32Array(words * dimension);
  const topics = noise(key(0).fold("topics"), TOPICS * dimension);
  const choices = uniform52(key(0).fold("choices"), words);
  for (let row = 0; row < words; row++) {
    const own = noise(key(0).fold(row), dimension);
    const topic = Math.floor(TOPICS * choices[row] ** 2);
    for (let i = 0; i < dimension; i++) values[row * dimension + i] = own[i] + topics[topic * dimension + i];
  }
  await saveWordVectors(new WordVectors({ words: names, dimension, values }), file);
}

function noise(noiseKey, count) {
  return uniform52(noiseKey, count).map((u) => u - 0.5);
}

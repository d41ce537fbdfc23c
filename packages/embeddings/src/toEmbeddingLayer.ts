import { Embedding, key, normalInitializer, type RandomKey, SymgradError } from "@symgrad/core";
import type { WordVectors } from "./wordVectors";

export interface EmbeddingLayerOptions {
  /** What the layer's ids stand for, in their order, such as a tokenizer's vocabulary. Default: the vectors' words. */
  readonly tokens?: readonly string[] | undefined;
  /** Draws the rows of tokens that have no vector: normal, of the vectors' standard deviation. */
  readonly key?: RandomKey | undefined;
}

/**
 * A trained table as a layer of a model, which trains on from there: row i is the vector of token i. A reader of
 * `@symgrad/qa-model` whose hidden size is the dimension takes it by
 * `reader.model.encoder.word.weight.assign(layer.weight)`.
 *
 * @returns A layer whose weight, float32 [tokens, dimension], is a copy; the caller disposes it.
 * @throws SymgradError `E_RANGE` if a token has no vector and no key is given.
 */
export function toEmbeddingLayer(
  vectors: WordVectors,
  { tokens = vectors.words, key: unknownKey }: EmbeddingLayerOptions = {},
): Embedding {
  const { dimension: hidden, values } = vectors;
  const unknown = tokens.find((token) => !vectors.has(token));
  if (unknown !== undefined && !unknownKey) {
    throw new SymgradError(
      "E_RANGE",
      `the token ${JSON.stringify(unknown)} has no vector, and no key is given`,
      {
        where: "toEmbeddingLayer",
        hint: "pass a key that draws the rows of such tokens: key: key(0)",
      },
    );
  }
  return new Embedding({
    rows: tokens.length,
    hidden,
    key: unknownKey ?? key(0), // draws nothing where all tokens are known
    initializer: (rowKey, shape) => {
      const rows =
        unknown === undefined
          ? new Float32Array(tokens.length * hidden)
          : normalInitializer(deviation(values))(rowKey, shape);
      for (const [row, token] of tokens.entries()) {
        if (vectors.has(token)) rows.set(vectors.vector(token), row * hidden);
      }
      return rows;
    },
  });
}

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(values.length, 1));
}

import { SymgradError } from "@symgrad/core";

/** A form that files of word vectors have. */
export type WordVectorsFormat = (typeof wordVectorsFormats)[number];

/**
 * `word2vec-text`: a line "words dimension", then a word and its numbers on each line.
 * `word2vec-binary`: the same line, then for each word its name, a space, float32 little-endian, a line break.
 * `glove`: as word2vec-text without the first line.
 * `safetensors`: a float32 tensor `embeddings` [words, dimension]; the words are in `vocab.txt` beside it.
 * `projector`: two files of the TensorBoard projector, `vectors.tsv` and `metadata.tsv`.
 */
export const wordVectorsFormats = [
  "word2vec-text",
  "word2vec-binary",
  "glove",
  "safetensors",
  "projector",
] as const;

/** Those that one file holds whole. */
export type TableFormat = Exclude<WordVectorsFormat, "safetensors" | "projector">;

/** The error for a format that does not exist. */
export function unknownFormat(format: string): SymgradError {
  return new SymgradError("E_NAME", `there is no format ${JSON.stringify(format)} of word vectors`, {
    hint: `known are ${wordVectorsFormats.join(", ")}`,
  });
}

/** How a file of word vectors is read. */
export interface LoadWordVectorsOptions {
  /** Default: told from the file's contents. */
  readonly format?: WordVectorsFormat | undefined;
  /** Read at most this many words, from the first on. Default: all. */
  readonly limit?: number | undefined;
  /** What to do with words that are not UTF-8: refuse the file, or put U+FFFD for the bytes. Default `"refuse"`. */
  readonly unicodeErrors?: "refuse" | "replace" | undefined;
  /** What to do with a word that comes again: refuse the file, or keep its first vector. Default `"refuse"`. */
  readonly duplicates?: "refuse" | "first" | undefined;
}

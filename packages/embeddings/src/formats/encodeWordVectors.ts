import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { gloVeTextPieces, word2VecTextPieces } from "./textTable";
import { wordProblem } from "./word";
import { word2VecBinaryPieces } from "./word2VecBinary";
import { type TableFormat, unknownFormat } from "./wordVectorsFormat";

/** The forms that one file holds whole, in pieces of about a megabyte. */
export const tablePieces: Record<TableFormat, (vectors: WordVectors) => Iterable<Uint8Array>> = {
  "word2vec-text": word2VecTextPieces,
  "word2vec-binary": word2VecBinaryPieces,
  glove: gloVeTextPieces,
};

/**
 * The bytes of a file of word vectors, to be offered for download or kept; `decodeWordVectors` and `loadWordVectors` give
 * the same words and the same numbers.
 *
 * @throws SymgradError `E_FORMAT` for a word or a number that the file could not give back, `E_NAME` for an unknown form.
 */
export function encodeWordVectors(
  vectors: WordVectors,
  { format = "word2vec-binary" }: { format?: TableFormat } = {},
): Blob {
  if (!Object.hasOwn(tablePieces, format)) throw unknownFormat(format);
  assertWritable(vectors, "word vectors");
  return new Blob([...tablePieces[format](vectors)] as Uint8Array<ArrayBuffer>[]);
}

/** @throws SymgradError `E_FORMAT` for a word or a number that no file could give back. */
export function assertWritable({ words, dimension, values }: WordVectors, file: string): void {
  for (const word of words) {
    const problem = wordProblem(word);
    if (problem) throw new SymgradError("E_FORMAT", problem, { where: `writing ${file}` });
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  const word = JSON.stringify(words[Math.floor(wrong / dimension)]);
  throw new SymgradError(
    "E_FORMAT",
    `number ${(wrong % dimension) + 1} of the word ${word} is ${values[wrong]}`,
    {
      where: `writing ${file}`,
      hint: "files hold finite numbers only; a smaller learning rate keeps training from diverging",
    },
  );
}

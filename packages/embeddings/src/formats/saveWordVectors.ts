import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { gzipped } from "./gzipped";
import { unknownFormat } from "./loadWordVectors";
import { writeProjector } from "./projector";
import { writeSafetensorsTable } from "./safetensorsTable";
import { gloVeTextPieces, word2VecTextPieces } from "./textTable";
import { wordProblem } from "./word";
import { word2VecBinaryPieces } from "./word2VecBinary";
import type { WordVectorsFormat } from "./wordVectorsFormat";

export interface SaveWordVectorsOptions {
  /** Default: by the file's name, `.bin`, `.txt` or `.vec` (word2vec-text), `.safetensors`, `.tsv` (projector). */
  readonly format?: WordVectorsFormat | undefined;
}

const byName: readonly [RegExp, WordVectorsFormat][] = [
  [/\.bin(\.gz)?$/, "word2vec-binary"],
  [/\.(txt|vec)(\.gz)?$/, "word2vec-text"],
  [/\.safetensors$/, "safetensors"],
  [/\.tsv(\.gz)?$/, "projector"],
];

const writers: Record<WordVectorsFormat, (vectors: WordVectors, file: string) => Promise<void>> = {
  "word2vec-text": (vectors, file) => writePieces(word2VecTextPieces(vectors), file),
  "word2vec-binary": (vectors, file) => writePieces(word2VecBinaryPieces(vectors), file),
  glove: (vectors, file) => writePieces(gloVeTextPieces(vectors), file),
  safetensors: writeSafetensorsTable,
  projector: writeProjector,
};

/**
 * Writes word vectors; {@link loadWordVectors} gives the same words and the same numbers, bit by bit. The file appears
 * whole or not at all; a name that ends in `.gz` is compressed. Beside the table it takes constant memory.
 *
 * @throws SymgradError `E_FORMAT` for a word or a number that the file could not give back; `E_NAME` if the format cannot
 *   be told from the name; `E_FILE`, `E_DISK` if it cannot be written.
 */
export async function saveWordVectors(
  vectors: WordVectors,
  file: string,
  { format = formatByName(file) }: SaveWordVectorsOptions = {},
): Promise<void> {
  if (!Object.hasOwn(writers, format)) throw unknownFormat(format);
  assertWritable(vectors, file);
  await writers[format](vectors, file);
}

function formatByName(file: string): WordVectorsFormat {
  const found = byName.find(([pattern]) => pattern.test(file));
  if (found) return found[1];
  throw new SymgradError("E_NAME", `the name ${file} does not tell the form to write`, {
    hint: "name the format, or end the name in .bin, .txt, .vec, .safetensors or .tsv",
  });
}

async function writePieces(pieces: Iterable<Uint8Array>, file: string): Promise<void> {
  await writeFileAtomic(file, gzipped(pieces, file));
}

function assertWritable({ words, dimension, values }: WordVectors, file: string): void {
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

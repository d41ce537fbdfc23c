import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { assertWritable, tablePieces } from "./encodeWordVectors";
import { gzipped } from "./gzipped";
import { writeProjector } from "./projector";
import { writeSafetensorsTable } from "./safetensorsTable";
import { unknownFormat, type WordVectorsFormat, wordVectorsFormats } from "./wordVectorsFormat";

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
  if (!wordVectorsFormats.includes(format)) throw unknownFormat(format);
  assertWritable(vectors, file);
  if (format === "safetensors") await writeSafetensorsTable(vectors, file);
  else if (format === "projector") await writeProjector(vectors, file);
  else await writeFileAtomic(file, gzipped(tablePieces[format](vectors), file));
}

function formatByName(file: string): WordVectorsFormat {
  const found = byName.find(([pattern]) => pattern.test(file));
  if (found) return found[1];
  throw new SymgradError("E_NAME", `the name ${file} does not tell the form to write`, {
    hint: "name the format, or end the name in .bin, .txt, .vec, .safetensors or .tsv",
  });
}

import type { WordVectors } from "../wordVectors";
import { formatOf, tableReaders } from "./decodeWordVectors";
import { assertPlainFile, fileSource } from "./fileSource";
import { readProjector } from "./projector";
import { readSafetensorsTable } from "./safetensorsTable";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";

/**
 * Reads a file of word vectors as word2vec.c, gensim, GloVe, fastText (`.vec`), safetensors users and the TensorBoard
 * projector have them. Beside the table itself it takes constant memory; a name that ends in `.gz` is decompressed.
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT`, with its line or byte, for what is wrong in it: cut
 *   short, a header that lies, a word with a space or that is not UTF-8, one that comes again, a number that is not
 *   finite; `E_RANGE` for an option.
 */
export async function loadWordVectors(
  file: string,
  options: LoadWordVectorsOptions = {},
): Promise<WordVectors> {
  await assertPlainFile(file);
  const source = fileSource(file);
  const format = await formatOf(source, options);
  if (format === "safetensors") return readSafetensorsTable(file, options);
  if (format === "projector") return readProjector(file, options);
  return tableReaders[format](source, options);
}

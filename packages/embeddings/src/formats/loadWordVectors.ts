import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { detectFormat } from "./detectFormat";
import { readProjector } from "./projector";
import { readHead } from "./readHead";
import { readSafetensorsTable } from "./safetensorsTable";
import { readGloVeText, readWord2VecText } from "./textTable";
import { readWord2VecBinary } from "./word2VecBinary";
import { type LoadWordVectorsOptions, type WordVectorsFormat, wordVectorsFormats } from "./wordVectorsFormat";

const readers: Record<
  WordVectorsFormat,
  (file: string, options: LoadWordVectorsOptions) => Promise<WordVectors>
> = {
  "word2vec-text": readWord2VecText,
  "word2vec-binary": readWord2VecBinary,
  glove: readGloVeText,
  safetensors: readSafetensorsTable,
  projector: readProjector,
};

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
  const { format, limit } = options;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new SymgradError("E_RANGE", `limit is ${limit}, wanted a whole number from 1 on`, {
      where: "loadWordVectors",
    });
  }
  if (format !== undefined && !wordVectorsFormats.includes(format)) throw unknownFormat(format);
  if (format !== undefined) await readHead(file);
  return readers[format ?? (await detectFormat(file))](file, options);
}

/** The error for a format that does not exist. */
export function unknownFormat(format: string): SymgradError {
  return new SymgradError("E_NAME", `there is no format ${JSON.stringify(format)} of word vectors`, {
    hint: `known are ${wordVectorsFormats.join(", ")}`,
  });
}

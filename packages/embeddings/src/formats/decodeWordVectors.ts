import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { blobSource } from "./blobSource";
import type { ByteSource } from "./byteSource";
import { detectFormat } from "./detectFormat";
import { readHead } from "./readHead";
import { readGloVeText, readWord2VecText } from "./textTable";
import { readWord2VecBinary } from "./word2VecBinary";
import {
  type LoadWordVectorsOptions,
  type TableFormat,
  unknownFormat,
  type WordVectorsFormat,
  wordVectorsFormats,
} from "./wordVectorsFormat";

/** The forms that one file holds whole. */
export const tableReaders: Record<
  TableFormat,
  (source: ByteSource, options: LoadWordVectorsOptions) => Promise<WordVectors>
> = {
  "word2vec-text": readWord2VecText,
  "word2vec-binary": readWord2VecBinary,
  glove: readGloVeText,
};

/**
 * Reads word vectors from bytes, in a browser as in Node: word2vec's text and binary forms and GloVe's, plain or gzip.
 *
 * @param options.name What they are called in errors. Default `"the vectors"`.
 * @throws SymgradError `E_FORMAT`, with its line or byte, for what is wrong in them, as `loadWordVectors`, and for a form
 *   that takes two files; `E_RANGE` for an option.
 * @example await decodeWordVectors(await (await fetch("/vectors.bin")).blob())
 */
export async function decodeWordVectors(
  bytes: Uint8Array | Blob,
  { name = "the vectors", ...options }: LoadWordVectorsOptions & { name?: string } = {},
): Promise<WordVectors> {
  const source = blobSource(
    bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]),
    name,
  );
  const format = await formatOf(source, options);
  if (Object.hasOwn(tableReaders, format)) return tableReaders[format as TableFormat](source, options);
  throw new SymgradError("E_FORMAT", `the form ${format} takes two files`, {
    where: name,
    hint: "write the vectors in a form of one file, such as word2vec-binary",
  });
}

/**
 * The form that is named, or else told from the first bytes.
 *
 * @throws SymgradError `E_NAME` for one that does not exist, `E_RANGE` for a limit that makes no sense, `E_FORMAT` if it
 *   cannot be told.
 */
export async function formatOf(
  source: ByteSource,
  { format, limit }: LoadWordVectorsOptions,
): Promise<WordVectorsFormat> {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new SymgradError("E_RANGE", `limit is ${limit}, wanted a whole number from 1 on`, {
      where: "loadWordVectors",
    });
  }
  if (format === undefined) return detectFormat(source);
  if (!wordVectorsFormats.includes(format)) throw unknownFormat(format);
  await readHead(source); // refuses what is empty
  return format;
}

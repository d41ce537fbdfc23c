import { basename, dirname, join } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { fileSource } from "./fileSource";
import { gzipped } from "./gzipped";
import { parseNumbers } from "./parseNumbers";
import { readLines } from "./readLines";
import { TableBuilder } from "./tableBuilder";
import { rowPieces } from "./textTable";
import { decodeWord } from "./word";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";
import { writeTogether } from "./writeTogether";

const TAB = 0x09;

/**
 * Reads the two files of the TensorBoard projector: numbers separated by tabs, and the words in the first column of
 * `metadata.tsv`, which has a line of titles if it has more columns than one.
 *
 * @param file The one with the numbers.
 * @throws SymgradError `E_FORMAT` with the line that is wrong.
 */
export async function readProjector(file: string, options: LoadWordVectorsOptions): Promise<WordVectors> {
  const words = await readMetadata(metadataFile(file), options);
  let table: TableBuilder | undefined;
  let lines = 0;
  let row = new Float32Array(1 << 16);
  await readLines(fileSource(file), (bytes, start, end, number) => {
    lines = number;
    if (table?.full) return false;
    const count = parseNumbers(bytes, start, end, row, 0, row.length);
    if (typeof count !== "number" || count === 0 || (table && count !== table.dimension)) {
      const found =
        typeof count === "number"
          ? `${count} numbers`
          : `${JSON.stringify(count.text)}, not a finite number,`;
      const wanted = table ? `${table.dimension} numbers` : "numbers";
      throw new SymgradError("E_FORMAT", `found ${found} where ${wanted} separated by tabs are wanted`, {
        where: `${file}, line ${number}`,
      });
    }
    if (count > row.length) {
      row = new Float32Array(count);
      parseNumbers(bytes, start, end, row, 0, count);
    }
    table ??= new TableBuilder({ ...options, file, unit: "line", rows: words.length, dimension: count });
    if (table.full) return false;
    table.values.set(row.subarray(0, count), table.offset);
    table.add(words[number - 1]!, number);
    return true;
  });
  if (table?.full) {
    const { limit = words.length } = options;
    if (lines <= words.length || limit < words.length) return table.build();
  }
  throw new SymgradError(
    "E_FORMAT",
    `there are ${words.length} words, but ${lines < words.length ? lines : "more"} vectors`,
    {
      where: `${file} and ${metadataFile(file)}`,
      hint: "both files must come from the same save",
    },
  );
}

async function readMetadata(
  file: string,
  { unicodeErrors = "refuse" }: LoadWordVectorsOptions,
): Promise<string[]> {
  const words: string[] = [];
  await readLines(fileSource(file), (bytes, start, end, number) => {
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end);
    const tab = line.indexOf(TAB);
    const titles = number === 1 && tab >= 0;
    if (!titles) {
      const where = () => `${file}, line ${number}`;
      words.push(decodeWord(line, 0, tab < 0 ? line.length : tab, unicodeErrors, where));
    }
    return true;
  });
  return words;
}

/** Writes the numbers to `file` and the words to the metadata file beside it. */
export async function writeProjector(vectors: WordVectors, file: string): Promise<void> {
  const nothing = new Uint8Array(0);
  const words = vectors.words.map((word) => `${word}\n`).join("");
  const metadata = metadataFile(file);
  await writeTogether(
    new Map([
      [metadata, (path) => writeFileAtomic(path, gzipped([new TextEncoder().encode(words)], file))],
      [
        file,
        (path) =>
          writeFileAtomic(
            path,
            gzipped(
              rowPieces(vectors, () => nothing, TAB),
              file,
            ),
          ),
      ],
    ]),
  );
}

/** `vectors.tsv` -> `metadata.tsv`, and as gensim names them `x_tensor.tsv` -> `x_metadata.tsv`; else `x.tsv` -> `x.metadata.tsv`. */
function metadataFile(file: string): string {
  const name = basename(file);
  const other = /vectors|tensor/.test(name)
    ? name.replace(/(.*)(vectors|tensor)/, "$1metadata")
    : name.replace(/(\.tsv)?(\.gz)?$/, ".metadata$&");
  return join(dirname(file), other);
}

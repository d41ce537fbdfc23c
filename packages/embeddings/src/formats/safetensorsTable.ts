import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSafetensors, SymgradError, saveSafetensors, writeFileAtomic } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import { fileSource } from "./fileSource";
import { readLines } from "./readLines";
import { TableBuilder } from "./tableBuilder";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";
import { writeTogether } from "./writeTogether";

const TENSOR = "embeddings";

/**
 * Reads the tensor `embeddings` [words, dimension], or the only tensor, of a safetensors file, and the words from
 * `vocab.txt` beside it.
 *
 * @throws SymgradError `E_FORMAT` if there is no such tensor, or the words do not belong to it.
 */
export async function readSafetensorsTable(
  file: string,
  options: LoadWordVectorsOptions,
): Promise<WordVectors> {
  const { tensors, metadata } = await readSafetensors(file);
  const tensor = tensors.get(TENSOR) ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (tensor?.shape.length !== 2 || !(tensor.data instanceof Float32Array)) {
    const found = [...tensors].map(([name, { dtype, shape }]) => `"${name}" ${dtype} [${shape}]`).join(", ");
    throw new SymgradError(
      "E_FORMAT",
      `expected a tensor "${TENSOR}" of floating point [words, dimension], found ${found || "none"}`,
      { where: file },
    );
  }
  const [rows, dimension] = tensor.shape as [number, number];
  if (dimension === 0)
    throw new SymgradError("E_FORMAT", "vectors have 0 numbers; wanted 1 or more", { where: file });
  const vocabulary = vocabularyFile(file);
  const digest = createHash("sha256");
  const table = new TableBuilder({ ...options, file: vocabulary, unit: "line", rows, dimension });
  const { data } = tensor;
  let lines = 0;
  await readLines(fileSource(vocabulary), (bytes, start, end, number) => {
    lines = number;
    digest.update(bytes.subarray(start, end)).update("\n");
    if (!table.full) {
      table.values.set(data.subarray((number - 1) * dimension, number * dimension), table.offset);
      table.addBytes(bytes, start, end, number);
    }
    return true;
  });
  if (lines !== rows) throw mismatch(`it has ${lines} words, the table has ${rows}`, vocabulary);
  if (metadata.vocabulary !== undefined && metadata.vocabulary !== digest.digest("hex")) {
    throw mismatch(`its words are not those that ${file} was written with`, vocabulary);
  }
  return table.build();
}

/** Writes the table and, beside it, its words in `vocab.txt`. One table for each folder. */
export async function writeSafetensorsTable(vectors: WordVectors, file: string): Promise<void> {
  const vocabulary = vocabularyFile(file);
  const text = vectors.words.map((word) => `${word}\n`).join("");
  if (!existsSync(file) && existsSync(vocabulary) && (await fs.readFile(vocabulary, "utf8")) !== text) {
    throw new SymgradError("E_FILE", `${vocabulary} holds the words of another table`, {
      where: file,
      hint: "give each table a folder of its own, or remove vocab.txt",
    });
  }
  const { size, dimension, values } = vectors;
  const tensor = { dtype: "F32" as const, shape: [size, dimension], data: values };
  const metadata = { vocabulary: createHash("sha256").update(text).digest("hex") };
  await writeTogether(
    new Map([
      [vocabulary, (path) => writeFileAtomic(path, text)],
      [file, (path) => saveSafetensors(path, new Map([[TENSOR, tensor]]), metadata)],
    ]),
  );
}

function vocabularyFile(file: string): string {
  return join(dirname(file), "vocab.txt");
}

function mismatch(sentence: string, where: string): SymgradError {
  return new SymgradError("E_FORMAT", sentence, {
    where,
    hint: "vocab.txt and the safetensors file must come from the same save",
  });
}

import { SymgradError, writeFileAtomic } from "@symgrad/core";
import { fileBytes } from "../corpus/textFiles";
import { type Cooccurrences, RECORD } from "./cooccurrences";

/**
 * Writes records as GloVe's cooccur does: word and context as int32 from 1 on, the weight as float64, little-endian; in
 * no order that means anything. The file appears whole or not at all.
 */
export async function saveCooccurrences(cooccurrences: Cooccurrences, path: string): Promise<void> {
  await writeFileAtomic(path, cooccurrences.records());
}

/**
 * Opens a file of records, as GloVe's cooccur or shuffle, or {@link saveCooccurrences}, wrote it.
 *
 * @throws SymgradError `E_FILE` if it cannot be read, `E_FORMAT` if it is no whole number of records.
 */
export async function openCooccurrences(path: string): Promise<Cooccurrences> {
  const { stat } = await import("node:fs/promises");
  const size = await stat(path).then(
    ({ size }) => size,
    (cause: Error) => {
      throw new SymgradError("E_FILE", `${path} cannot be read: ${cause.message}`, {
        hint: "check the path",
        cause,
      });
    },
  );
  if (size % RECORD !== 0) {
    throw new SymgradError(
      "E_FORMAT",
      `${path} has ${size} bytes, which is no whole number of records of ${RECORD}`,
      {
        hint: "it is cut off, or no file of records: make it with embed cooccur",
      },
    );
  }
  return { count: size / RECORD, records: () => fileBytes(path), async dispose() {} };
}

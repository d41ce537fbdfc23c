import fs from "node:fs/promises";
import { fileError, SymgradError } from "@symgrad/core";
import { readPieces } from "./readPieces";

/**
 * The first bytes of a file, about a megabyte if it has so many, decompressed.
 *
 * @throws SymgradError `E_FILE` if it cannot be read twice, as a pipe cannot; `E_FORMAT` if it is empty.
 */
export async function readHead(file: string): Promise<Buffer> {
  await assertPlainFile(file);
  for await (const piece of readPieces(file)) return piece;
  throw new SymgradError("E_FORMAT", "the file is empty", { where: file });
}

async function assertPlainFile(file: string): Promise<void> {
  let plain: boolean;
  try {
    const status = await fs.stat(file);
    plain = status.isFile() || status.isDirectory(); // a folder is refused where it is read
  } catch (error) {
    throw fileError(error, "read", file);
  }
  if (!plain) {
    throw new SymgradError("E_FILE", `cannot read ${file}: it is a pipe or a device`, {
      hint: "vectors are read from a file, because some forms are read twice; .gz is read as it is",
    });
  }
}

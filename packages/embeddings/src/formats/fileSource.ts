import fs from "node:fs/promises";
import { fileError, readFileChunks, SymgradError } from "@symgrad/core";
import { type ByteSource, MOST_COMPRESSION } from "./byteSource";

/** The bytes of a file; a name that ends in `.gz` is unpacked. */
export function fileSource(file: string): ByteSource {
  return {
    name: file,
    async size() {
      const { size } = await status(file);
      return { bytes: size, most: file.endsWith(".gz") ? size * MOST_COMPRESSION : size };
    },
    async *pieces() {
      // One kind of array everywhere keeps the readers' loops quick; Node's are a kind of their own.
      for await (const { buffer, byteOffset, byteLength } of readFileChunks(file)) {
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    },
  };
}

/** @throws SymgradError `E_FILE` if it cannot be read twice, as a pipe cannot. */
export async function assertPlainFile(file: string): Promise<void> {
  const found = await status(file);
  if (found.isFile() || found.isDirectory()) return; // a folder is refused where it is read
  throw new SymgradError("E_FILE", `cannot read ${file}: it is a pipe or a device`, {
    hint: "vectors are read from a file, because some forms are read twice; .gz is read as it is",
  });
}

async function status(file: string) {
  try {
    return await fs.stat(file);
  } catch (error) {
    throw fileError(error, "read", file);
  }
}

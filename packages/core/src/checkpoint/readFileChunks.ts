import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SymgradError } from "../errors";
import { fileError, systemCode } from "./fileError";

const PIECE = 1 << 20; // bytes

/**
 * The bytes of a file, piece by piece, in constant memory; a name that ends in ".gz" is decompressed.
 *
 * @throws SymgradError `E_FILE` if it cannot be read, `E_FORMAT` if it is not a whole gzip file.
 */
export async function* readFileChunks(path: string): AsyncGenerator<Uint8Array, void, void> {
  const file = createReadStream(path, { highWaterMark: PIECE });
  const source: Readable = path.endsWith(".gz")
    ? file.on("error", (error) => source.destroy(error)).pipe(createGunzip({ chunkSize: PIECE }))
    : file;
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) yield chunk;
  } catch (cause) {
    if (systemCode(cause)?.startsWith("Z_")) {
      throw new SymgradError("E_FORMAT", `${path} is not a whole gzip file: ${(cause as Error).message}.`, {
        hint: 'copy it again, or take ".gz" off the name of a file that is not compressed',
        cause,
      });
    }
    throw fileError(cause, "read", path);
  } finally {
    file.destroy();
  }
}

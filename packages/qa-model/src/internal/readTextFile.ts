import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SymgradError } from "@symgrad/core";

/** The bytes of a file, chunk by chunk; a name that ends in ".gz" is decompressed. */
export async function* readFileChunks(path: string): AsyncGenerator<Buffer, void, void> {
  const file = createReadStream(path);
  const source: Readable = path.endsWith(".gz")
    ? file.on("error", (error) => source.destroy(error)).pipe(createGunzip())
    : file;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== "string" || cause instanceof SymgradError) throw cause;
    if (code.startsWith("Z_")) {
      throw new SymgradError("E_FORMAT", `${path} is not a whole gzip file: ${(cause as Error).message}.`, {
        hint: 'copy it again, or take ".gz" off the name of a file that is not compressed',
        cause,
      });
    }
    throw fileError(path, cause as NodeJS.ErrnoException);
  } finally {
    file.destroy();
  }
}

/**
 * A whole text file, decompressed if its name ends in ".gz", without a byte order mark.
 *
 * @throws SymgradError `E_FILE` if it cannot be read, `E_FORMAT` if it is not UTF-8 or a broken gzip file.
 */
export async function readTextFile(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readFileChunks(path)) chunks.push(chunk);
  return decodeText(Buffer.concat(chunks), path).replace(/^\ufeff/, "");
}

/** @throws SymgradError `E_FORMAT` for bytes that are not UTF-8. */
export function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SymgradError("E_FORMAT", "expected UTF-8 text, but found other bytes.", {
      where,
      hint: "is the file compressed, or in another encoding?",
      cause,
    });
  }
}

function fileError(path: string, cause: NodeJS.ErrnoException): SymgradError {
  const sentences: Record<string, string> = {
    ENOENT: `there is no file ${path}.`,
    EISDIR: `expected a file, but ${path} is a folder.`,
    EACCES: `the file ${path} may not be read.`,
  };
  return new SymgradError("E_FILE", sentences[cause.code!] ?? `cannot read ${path}: ${cause.message}.`, {
    cause,
  });
}

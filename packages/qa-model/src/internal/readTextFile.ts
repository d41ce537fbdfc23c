import { readFileChunks, SymgradError } from "@symgrad/core";

/**
 * A whole text file, decompressed if its name ends in ".gz", without a byte order mark.
 *
 * @throws SymgradError `E_FILE` if it cannot be read, `E_FORMAT` if it is not UTF-8 or a broken gzip file.
 */
export async function readTextFile(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
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

import { readFileChunks } from "@symgrad/core";

/** The bytes of a file, decompressed, piece by piece, as Node's Buffers: they search and decode. */
export async function* readPieces(file: string): AsyncGenerator<Buffer, void, void> {
  for await (const { buffer, byteOffset, byteLength } of readFileChunks(file)) {
    yield Buffer.from(buffer, byteOffset, byteLength);
  }
}

import { decompressed } from "../corpus/decompressed";
import { type ByteSource, MOST_COMPRESSION } from "./byteSource";

const PIECE = 1 << 20;

/** Bytes at hand; packed ones are known by their first bytes and unpacked. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    async size() {
      const [first] = new Uint8Array(await blob.slice(0, 1).arrayBuffer());
      const packed = first === 0x1f || first === 0x28; // gzip, Zstandard
      return { bytes: blob.size, most: packed ? blob.size * MOST_COMPRESSION : blob.size };
    },
    pieces: () => decompressed(blobPieces(blob), name),
  };
}

/** The bytes of a blob, a megabyte at a time. */
export async function* blobPieces(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += PIECE) {
    yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
  }
}

import { SymgradError } from "@symgrad/core";
import type { ByteSource } from "./byteSource";

/**
 * The first bytes, unpacked: about a megabyte of a file that has so many.
 *
 * @throws SymgradError `E_FORMAT` if there are none; what reading throws.
 */
export async function readHead(source: ByteSource): Promise<Uint8Array> {
  for await (const piece of source.pieces()) return piece;
  throw new SymgradError("E_FORMAT", "the file is empty", { where: source.name });
}

import { SymgradError } from "@symgrad/core";
import type { Corpus } from "./corpus";
import { decompressed } from "./decompressed";

/** Bytes read at a time. */
const PIECE = 1 << 20;

/**
 * A corpus of text files, one after the other; a file's end ends a line. Compressed files are known by their first
 * bytes: .gz, and .zst where Node has it.
 *
 * Reading throws SymgradError `E_FILE` naming a file that cannot be read, and `E_FORMAT` for one that is
 * packed in another way, or cut off.
 */
export function textFiles(...paths: string[]): Corpus {
  if (paths.length === 0) throw new SymgradError("E_FILE", "no files are named", { where: "textFiles" });
  return {
    name: paths.join(", "),
    async *open() {
      for (const [i, path] of paths.entries()) {
        let last = 10;
        for await (const piece of decompressed(fileBytes(path), path)) {
          yield piece;
          last = piece.at(-1) ?? last;
        }
        if (i + 1 < paths.length && last !== 10) yield Uint8Array.of(10);
      }
    },
  };
}

/** The bytes of a file, in pieces. */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  const { open } = await import("node:fs/promises");
  try {
    const file = await open(path, "r");
    try {
      while (true) {
        const piece = new Uint8Array(PIECE);
        const { bytesRead } = await file.read(piece, 0, PIECE);
        if (bytesRead === 0) return;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof SymgradError || !(cause instanceof Error && "code" in cause)) throw cause;
    throw new SymgradError("E_FILE", `${path} cannot be read: ${cause.message}`, {
      hint: cause.code === "ENOENT" ? "check the path" : undefined,
      cause,
    });
  }
}

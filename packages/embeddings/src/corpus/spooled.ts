import { SymgradError } from "@symgrad/core";
import type { Corpus } from "./corpus";
import { textFiles } from "./textFiles";

/** A corpus that was copied to a temporary file. */
export interface SpooledCorpus extends Corpus {
  /** Removes the file. */
  dispose(): Promise<void>;
}

/**
 * A corpus from a stream that can be read once, such as stdin: it is copied to a temporary file, as it is (compressed
 * text is known by its first bytes).
 *
 * @param folder Where the file goes. Default: the system's folder for such files.
 * @throws SymgradError `E_DISK` if the disk is full, `E_FILE` if the file cannot be written; nothing stays behind.
 */
export async function spooled(
  stream: AsyncIterable<Uint8Array>,
  { name = "stdin", folder }: { name?: string; folder?: string } = {},
): Promise<SpooledCorpus> {
  const { default: fs } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const place = await fs.mkdtemp(join(folder ?? tmpdir(), "symgrad-corpus-"));
  const path = join(place, name);
  const dispose = () => fs.rm(place, { recursive: true, force: true });
  try {
    const file = await fs.open(path, "w");
    try {
      for await (const piece of stream) await file.writeFile(piece);
    } finally {
      await file.close();
    }
  } catch (cause) {
    await dispose();
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const full = cause.code === "ENOSPC" || cause.code === "EDQUOT";
    throw new SymgradError(
      full ? "E_DISK" : "E_FILE",
      `${name} cannot be copied to ${place}: ${cause.message}`,
      {
        hint: full ? "free space there, or name another folder (TMPDIR)" : undefined,
        cause,
      },
    );
  }
  return { ...textFiles(path), name, dispose };
}

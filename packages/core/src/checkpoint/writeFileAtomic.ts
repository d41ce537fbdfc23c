import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError } from "./fileError";

/** Text (UTF-8), bytes, or pieces of bytes to be written one after the other. */
export type FileData = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

let counter = 0;

/** Matches the temporary names that {@link writeFileAtomic} uses, so that leftovers of a killed process can be swept. */
export const TEMPORARY_NAME = /^\..+\.tmp-\d+-\d+$/;

/** A hidden name beside `path`, unique in this process and, by its process id, on this machine. */
export function temporaryName(path: string): string {
  counter += 1;
  return join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${counter}`);
}

/**
 * Writes a file so that any reader, and any moment of a crash, sees the old contents or the new ones and nothing
 * between: temporary name in the same folder, fsync, rename. A pipe or a device is written straight through.
 *
 * @param data Text (UTF-8), bytes, or pieces of bytes to be written one after the other.
 * @throws SymgradError `E_DISK` if the disk is full, `E_FILE` if the path cannot be written. The temporary is removed.
 */
export async function writeFileAtomic(path: string, data: FileData): Promise<void> {
  if (await isStream(path)) return writeStream(path, data);
  const temporary = temporaryName(path);
  try {
    await writeSynced(temporary, data, "wx");
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw fileError(error, "write", path);
  }
  await syncFolder(dirname(path));
}

/** Writes a file and waits until it is on the disk. Not atomic by itself: for files inside a folder yet unnamed. */
export async function writeSynced(path: string, data: FileData, flags: "w" | "wx"): Promise<void> {
  const file = await fs.open(path, flags);
  try {
    await writePieces(file, data);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writePieces(file: fs.FileHandle, data: FileData): Promise<void> {
  const pieces = typeof data === "string" || data instanceof Uint8Array ? [data] : data;
  for await (const piece of pieces) await file.writeFile(piece);
}

/** Renaming over a device (`/dev/full`) or a pipe (a shell's `>(gzip)`) would put a file in its place. */
async function isStream(path: string): Promise<boolean> {
  const found = await fs.stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function writeStream(path: string, data: FileData): Promise<void> {
  try {
    const file = await fs.open(path, "w");
    try {
      await writePieces(file, data);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, "write", path);
  }
}

/** Makes a rename inside `folder` durable. Some systems cannot sync a folder; the rename is atomic all the same. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows and some network file systems: nothing to do.
  }
}

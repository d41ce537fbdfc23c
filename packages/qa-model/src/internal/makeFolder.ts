import { mkdir } from "node:fs/promises";
import { fileError } from "@symgrad/core";

/**
 * Makes a folder, and those above it, where there is none.
 *
 * @throws SymgradError `E_FILE` if a part of the path is a file or may not be written; `E_DISK` if the disk is full.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError(error, "make the folder", path);
  }
}

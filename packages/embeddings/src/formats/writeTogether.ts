import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError } from "@symgrad/core";

/** Writes the file at the path it is given. */
export type WriteFile = (path: string) => Promise<void>;

/**
 * Writes files that belong together: each is whole, under a temporary name beside its place, before the first of them
 * takes its place. Where one fails, none appears.
 */
export async function writeTogether(files: ReadonlyMap<string, WriteFile>): Promise<void> {
  const temporaries = new Map(
    [...files.keys()].map((path) => [
      path,
      join(dirname(path), `.${basename(path)}.together-${process.pid}-${Date.now()}`),
    ]),
  );
  let place = "";
  try {
    for (const [path, write] of files) {
      place = path;
      await write(temporaries.get(path)!);
    }
    for (const [path, temporary] of temporaries) {
      place = path;
      await fs.rename(temporary, path);
    }
  } catch (error) {
    for (const temporary of temporaries.values()) await fs.rm(temporary, { force: true }).catch(() => {});
    throw fileError(error, "write", place);
  }
}

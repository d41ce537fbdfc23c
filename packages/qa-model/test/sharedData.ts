import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder of data sets that are not ours to ship, if `SYMGRAD_DATA` names it. */
const root = process.env.SYMGRAD_DATA;

/** The path of a data set, or undefined where it is not at hand; tests that need it are skipped. */
export function sharedFile(path: string): string | undefined {
  const file = root && join(root, path);
  return file && existsSync(file) ? file : undefined;
}

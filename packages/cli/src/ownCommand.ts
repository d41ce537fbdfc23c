import { basename, relative } from "node:path";

/** What to type to call this program again: `symgrad`, or the file where it was called by its path. */
export function ownCommand(): string {
  const script = process.argv[1] ?? "";
  return basename(script) === "cli.js" ? `node ${relative(process.cwd(), script)}` : "symgrad";
}

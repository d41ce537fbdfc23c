import { readFileSync } from "node:fs";

/** What this package says about itself; `dist/` and `src/` are both one folder below the file. */
export function ownPackage(): { version: string; engines: { node: string } } {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
}

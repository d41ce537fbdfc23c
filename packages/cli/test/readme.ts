import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The code blocks of a page that carry a file name: `<!-- example: NAME -->` on the line before the fence. */
export function codeExamples(page = "README.md"): Map<string, string> {
  const text = readFileSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)), "utf8");
  const blocks = text.matchAll(/<!-- example: (\S+) -->\n+```\w+\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name, code]) => [name!, code!]));
}

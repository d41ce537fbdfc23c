import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The README's code blocks that carry a file name: `<!-- example: NAME -->` on the line before the fence. */
export function codeExamples(): Map<string, string> {
  const text = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");
  const blocks = text.matchAll(/<!-- example: (\S+) -->\n```\w+\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name, code]) => [name!, code!]));
}

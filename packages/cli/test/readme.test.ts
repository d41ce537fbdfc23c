import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { codeExamples } from "./readme";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();

test("the README's program runs; only its sizes are smaller here", () => {
  const code = codeExamples().get("reader.mjs")!;
  const small = code
    .replace("count: 20_000", "count: 64")
    .replace("steps: 1_000", "steps: 2")
    .replace("count: 500", "count: 8");
  expect(small).not.toMatch(/count: (20_000|500)|steps: 1_000/);
  expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(22);
  writeFileSync(join(folder, "reader.mjs"), small);
  // Our packages are found from anywhere, as they are for a plugin of the command line.
  const lender = new URL("../dist/pluginResolution.js", import.meta.url).href;
  const lend = `data:text/javascript,import { lendOwnPackages } from "${lender}"; lendOwnPackages();`;
  const printed = execFileSync(process.execPath, ["--import", lend, "reader.mjs"], { cwd: folder });
  expect(String(printed)).toMatch(/^F1 [\d.]+, asked for .*\n.+ \[/);
  expect(existsSync(join(folder, "runs", "first", "reader", "model.safetensors"))).toBe(true);
});

test("the README's commands and files exist", () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  for (const path of ["docs/glossary.md", "docs/decisions"]) expect(existsSync(join(root, path))).toBe(true);
  expect(codeExamples().get("larger.mjs")!.trimEnd().split("\n").length).toBeLessThanOrEqual(12);
});

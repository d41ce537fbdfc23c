import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { codeExamples } from "./readme";
import { symgrad } from "./symgrad";
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

test("the options that docs/fine-tuning.md names exist", async () => {
  const page = readFileSync(fileURLToPath(new URL("../../../docs/fine-tuning.md", import.meta.url)), "utf8");
  const shell = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code!).join("");
  const lines = shell.replaceAll("\\\n", " ").split("\n");
  const named = new Map<string, Set<string>>();
  for (const line of lines) {
    const [, command] = /^symgrad (train qa|predict qa|score \w+|\w+)/.exec(line) ?? [];
    if (!command) continue;
    const options = named.get(command) ?? new Set();
    for (const [option] of line.matchAll(/--[a-z-]+/g)) options.add(option);
    named.set(command, options);
  }
  // What the prose names besides.
  const prose = page.replace(/```[\s\S]*?```/g, "");
  const all = new Set([...prose.matchAll(/--[a-z-]+/g)].map(([option]) => option));
  expect([...named.keys()].sort()).toEqual([
    "explain",
    "export",
    "predict qa",
    "report",
    "score drop",
    "score squad",
    "train qa",
  ]);
  for (const [command, options] of named) {
    const { stdout } = await symgrad([...command.split(" "), "--help"]);
    for (const option of options) expect(stdout, command).toContain(`${option} `);
    for (const option of all) if (stdout.includes(`${option} `)) all.delete(option);
  }
  expect([...all]).toEqual([]);
});

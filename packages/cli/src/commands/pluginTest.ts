import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { wholeNumber, withJson } from "../options";
import { printResult } from "../output";
import type { ReportedTest } from "../pluginTest/reporter";

interface Options {
  timeout: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("[dir]", "the plugin's folder", ".")
    .option("--timeout <seconds>", "end a file of tests after this time", wholeNumber(1), 120);
  withJson(command).action(run);
}

async function run(dir: string, options: Options): Promise<void> {
  const { SymgradError } = await import("@symgrad/core");
  const { locatePlugin } = await import("../locatePlugin");
  const { runTestFile } = await import("../pluginTest/runTestFile");
  const folder = resolve(dir);
  if (!existsSync(folder)) throw new SymgradError("E_FILE", `there is no folder ${dir}.`);
  locatePlugin(folder, { preferSources: true });
  const files = [
    { file: fileURLToPath(new URL("./pluginTest/battery.js", import.meta.url)), label: "the contract" },
    ...testFiles(folder).map((file) => ({ file, label: relative(folder, file) })),
  ];
  const tests: ReportedTest[] = [];
  for (const { file, label } of files) {
    tests.push(...(await runTestFile(file, { folder, label, timeoutMs: 1000 * options.timeout })));
  }
  const failed = tests.filter(({ passed }) => !passed).length;
  const passed = tests.length - failed;
  printResult(options.json, { passed, failed, tests }, () =>
    [...tests.map(describe), `${passed} passed, ${failed} failed`].join("\n"),
  );
  if (failed > 0) process.exitCode = 1;
}

function describe({ name, passed, message }: ReportedTest): string {
  return passed ? `ok    ${name}` : `FAIL  ${name}\n${(message ?? "").replace(/^/gm, "      ")}`;
}

/** `*.test.ts`, `.mts`, `.js`, `.mjs` in `test` and `src`, in order of their names. */
function testFiles(folder: string): string[] {
  return ["src", "test"]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path, { recursive: true }).map((file) => join(path, String(file))))
    .filter((file) => /\.test\.m?[jt]s$/.test(file))
    .sort();
}

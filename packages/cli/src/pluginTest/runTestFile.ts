import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReportedTest } from "./reporter";

export interface RunTestFileOptions {
  /** The working directory. */
  folder: string;
  /** Said where the file does not even start. */
  label: string;
  /** Milliseconds after which the process is ended: a function that blocks cannot be stopped otherwise. */
  timeoutMs: number;
}

/** Runs one file of tests (`node:test`) in a process of its own, with the command line's packages and TypeScript. */
export async function runTestFile(file: string, options: RunTestFileOptions): Promise<ReportedTest[]> {
  const { folder, label, timeoutMs } = options;
  const temporary = mkdtempSync(join(tmpdir(), "symgrad-test-"));
  const report = join(temporary, "report.jsonl");
  try {
    const { status, output, timedOut } = await run(
      [
        "--import",
        new URL("./pluginTest/setup.js", import.meta.url).href,
        `--test-reporter=${fileURLToPath(new URL("./pluginTest/reporter.js", import.meta.url))}`,
        `--test-reporter-destination=${report}`,
        file,
      ],
      folder,
      timeoutMs,
    );
    const tests = readReport(report);
    if (timedOut) {
      const message = `did not end within ${timeoutMs / 1000} s: is there an endless loop in \`run\`?`;
      return [...tests, { name: label, passed: false, message }];
    }
    if (status === 0 || tests.some(({ passed }) => !passed)) return tests;
    return [...tests, { name: label, passed: false, message: output.trim() || `exit status ${status}` }];
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function readReport(file: string): ReportedTest[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as ReportedTest);
  } catch {
    return []; // it ended before its first test
  }
}

function run(
  args: readonly string[],
  cwd: string,
  timeoutMs: number,
): Promise<{ status: number | null; output: string; timedOut: boolean }> {
  // Inside another run of node:test its variable would turn the report into something else.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, output, timedOut });
    });
  });
}

#!/usr/bin/env node
// Runs tfjs-core's own tests on this backend, tfjs-cpu and tfjs-wasm and writes CONFORMANCE.md and conformance.json:
//   node conformance/run.mjs            writes both files
//   node conformance/run.mjs --check    exit status 1 if they differ from what is committed
// A failure on this backend that exceptions.mjs does not explain, and an exception that no longer fails, end it too.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundle } from "./bundle.mjs";
import { exceptions } from "./exceptions.mjs";
import { report } from "./report.mjs";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
// Inside node_modules, so that the bundle finds the packages it leaves outside.
const work = mkdtempSync(join(home, "node_modules", ".conformance-"));
try {
  const program = join(work, "tests.cjs");
  await bundle(program);
  const results = {};
  for (const backend of ["onnxruntime", "cpu", "wasm"]) results[backend] = await runTests(program, backend);
  const { files, problems } = report(results, exceptions);
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name);
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text)
      problems.push(`${name} is not what the tests give now: run node conformance/run.mjs and commit it`);
  }
  for (const problem of problems) console.error(problem);
  console.log(
    files["CONFORMANCE.md"]
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .slice(0, 5)
      .join("\n"),
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function runTests(program, backend) {
  const file = join(work, `${backend}.json`);
  await promisify(execFile)(process.execPath, [program, backend, file], { timeout: 600_000 });
  return JSON.parse(readFileSync(file, "utf8"));
}

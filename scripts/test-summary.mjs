#!/usr/bin/env node
// Sums the tests of all packages and examples and prints, as its last line, `N passed, N failed, N skipped`:
//   node scripts/test-summary.mjs [PASSED FAILED]      (checks made elsewhere, counted as tests)
// Exit status 1 if anything failed. A package without its report counts as a failure.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./workspace.mjs";

/** @returns `{ passed, failed, skipped, problems }` of one package's vitest report. */
export function countTests(report) {
  // A file that could not even be loaded has no tests in it, and is a failure all the same.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failing = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${file.name}: ${test.fullName}`),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    problems: [...failing, ...broken.map((file) => `${file.name}: ${file.message}`)],
  };
}

function reportOf(folder) {
  const path = join(folder, "test-results.json");
  if (existsSync(path)) return countTests(JSON.parse(readFileSync(path, "utf8")));
  return { passed: 0, failed: 1, skipped: 0, problems: [`${folder}: no test report`] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [checksPassed = 0, checksFailed = 0] = process.argv.slice(2).map(Number);
  const total = { passed: checksPassed, failed: checksFailed, skipped: 0 };
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => ({ name, folder: join(root, parent, name) })),
  );
  for (const { name, folder } of folders) {
    const { problems, ...counts } = reportOf(folder);
    for (const problem of problems) console.log(problem);
    console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

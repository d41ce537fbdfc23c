import assert from "node:assert/strict";
import { test } from "node:test";
import { countTests } from "./test-summary.mjs";

const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 0 };

test("failed tests are counted and named", () => {
  const file = {
    name: "a.test.ts",
    status: "failed",
    assertionResults: [{ status: "failed", fullName: "adds" }, { status: "passed" }],
  };
  const { problems, ...totals } = countTests({ ...counts, testResults: [file] });
  assert.deepEqual(totals, { passed: 3, failed: 1, skipped: 2 });
  assert.deepEqual(problems, ["a.test.ts: adds"]);
});

test("a test file that cannot be loaded is a failure", () => {
  const file = { name: "b.test.ts", status: "failed", message: "no such module", assertionResults: [] };
  const { failed, problems } = countTests({ ...counts, numFailedTests: 0, testResults: [file] });
  assert.equal(failed, 1);
  assert.deepEqual(problems, ["b.test.ts: no such module"]);
});

import { expect, test } from "vitest";
import { report, type TestOutcome } from "../conformance/report.mjs";

const outcome = (name: string, status: TestOutcome["status"] = "passed"): TestOutcome => ({
  name,
  status,
  messages: [],
});
const cpu = [outcome("add"), outcome("sub"), outcome("mul"), outcome("fft"), outcome("cpu only")];
const ours = [outcome("add"), outcome("sub", "failed"), outcome("mul"), outcome("fft", "pending")];

test("counts, and the share of tfjs-cpu's passes", () => {
  const { files, problems } = report({ onnxruntime: ours, cpu, wasm: [] }, [[/^sub$/, "rounds otherwise"]]);
  expect(problems).toEqual([]);
  expect(JSON.parse(files["conformance.json"])).toEqual({
    backends: {
      onnxruntime: { passed: 2, failed: 1, skipped: 1 },
      cpu: { passed: 5, failed: 0, skipped: 0 },
      wasm: { passed: 0, failed: 0, skipped: 0 },
    },
  });
  expect(files["CONFORMANCE.md"]).toContain("onnxruntime passes 40.00 %");
  expect(files["CONFORMANCE.md"]).toContain("- `sub`: rounds otherwise");
  expect(files["CONFORMANCE.md"]).toContain("- `cpu only`");
});

test("tests that share a name are told apart", () => {
  const { files, problems } = report(
    {
      onnxruntime: [outcome("add"), outcome("add", "failed")],
      cpu: [outcome("add"), outcome("add")],
      wasm: [],
    },
    [],
  );
  expect(problems).toEqual(["fails, and is no exception: add (2)"]);
  expect(files["CONFORMANCE.md"]).toContain("onnxruntime passes 50.00 %");
});

test("an unlisted failure and an exception that no longer fails are problems", () => {
  const { problems } = report({ onnxruntime: ours, cpu, wasm: [] }, [[/^add$/, "used to fail"]]);
  expect(problems).toEqual([
    "fails, and is no exception: sub",
    "conformance/exceptions.mjs: no failing test is called /^add$/; delete its line",
  ]);
});

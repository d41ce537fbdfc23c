export interface TestOutcome {
  name: string;
  status: "passed" | "failed" | "pending" | "excluded";
  messages: string[];
}
export function report(
  results: Record<"onnxruntime" | "cpu" | "wasm", TestOutcome[]>,
  exceptions: readonly (readonly [RegExp, string])[],
): { files: Record<"CONFORMANCE.md" | "conformance.json", string>; problems: string[] };

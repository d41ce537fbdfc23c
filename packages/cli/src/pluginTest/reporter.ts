import type { TestEvent } from "node:test/reporters";

/** One test of a file, as a line of JSON. */
export interface ReportedTest {
  name: string;
  passed: boolean;
  /** What went wrong. */
  message?: string;
}

/** A reporter for Node's test runner: one JSON line for each test that ran; groups of tests are none. */
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite" || data.skip !== undefined || data.todo !== undefined) continue;
    const passed = type === "test:pass";
    const error = type === "test:fail" ? data.details.error : undefined;
    const reported: ReportedTest = { name: data.name, passed, ...(!passed && { message: messageOf(error) }) };
    yield `${JSON.stringify(reported)}\n`;
  }
}

/** What was thrown, without the runner's wrapping; with its stack unless it carries a code of ours. */
function messageOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  if (!(cause instanceof Error)) return String(cause);
  const reported = "code" in cause && String(cause.code).startsWith("E_");
  return reported ? cause.message : (cause.stack ?? cause.message);
}

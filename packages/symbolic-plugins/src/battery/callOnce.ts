import { CallContext } from "../callContext";
import type { SymbolicFunction } from "../define";
import type { Result, TimeoutResult } from "../result";
import type { Specimen } from "./specimens";

/** Calls `run` without cache or checks; a call that never settles gives a timeout after `timeoutMs`. */
export async function callOnce(
  fn: SymbolicFunction,
  { values }: Specimen,
  timeoutMs: number,
): Promise<Result | TimeoutResult> {
  const args = Object.freeze(
    Object.fromEntries(Object.keys(fn.args).map((name, i) => [name, values[i]] as const)),
  );
  const context = new CallContext();
  const returned = fn.run(args, context);
  if (!(returned instanceof Promise)) return returned;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<TimeoutResult>((resolve) => {
    timer = setTimeout(() => {
      context.abort(new Error("timeout"));
      resolve({ kind: "timeout", reason: `timeout after ${timeoutMs} ms` });
    }, timeoutMs);
  });
  return Promise.race([returned, timeout]).finally(() => clearTimeout(timer));
}

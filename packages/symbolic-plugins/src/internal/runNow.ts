import { SymgradError } from "@symgrad/core";
import type { SymbolicFunction } from "../define";
import { describeCall } from "../evaluate";
import { isResult, type Result } from "../result";
import { show } from "./show";

/**
 * Calls a function that answers at once, without a cache and without tokens.
 *
 * @param values The arguments in the order of `fn.args`.
 * @throws SymgradError `E_FUNCTION` if it throws, answers later, or gives back no result.
 */
export function runNow(where: string, fn: SymbolicFunction, values: readonly unknown[]): Result {
  const called = () => {
    const shown = Object.values(fn.args).map((space, i) => space.canonical(values[i]));
    return `${where}: ${describeCall(fn, shown)}`;
  };
  let result: unknown;
  try {
    result = fn.run(
      Object.freeze(Object.fromEntries(Object.keys(fn.args).map((name, i) => [name, values[i]]))),
    );
  } catch (cause) {
    throw new SymgradError("E_FUNCTION", `${called()} threw ${String(cause)}.`, {
      hint: 'return undefinedResult("reason") for arguments the function refuses; a throw is a bug in it',
      cause,
    });
  }
  if (isResult(result)) return result;
  const asynchronous = typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function";
  throw new SymgradError(
    "E_FUNCTION",
    asynchronous
      ? `${called()} is asynchronous; only a function that answers at once can be called here.`
      : `${called()} must return ok(text) or undefinedResult(reason), got ${show(result)}.`,
  );
}

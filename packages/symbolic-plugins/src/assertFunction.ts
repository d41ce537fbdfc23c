import { SymgradError } from "@symgrad/core";
import type { ArgumentSpace } from "./arguments/argumentSpace";
import type { SymbolicFunction } from "./define";
import { show } from "./internal/show";

/** Counted up when a function defined with an older version of this package can no longer be used. */
export const contractVersion = 1;

const namePattern = /^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)+\.v[1-9]\d*$/;

/**
 * Checks the shape of a function against the contract, without running it.
 *
 * @throws SymgradError `E_USAGE` naming the function, the field, the value received and the value wanted.
 */
export function assertFunction(value: unknown): asserts value is SymbolicFunction {
  if (typeof value !== "object" || value === null) {
    throw new SymgradError(
      "E_USAGE",
      `a symbolic function must come from defineFunction, got ${show(value)}.`,
    );
  }
  const fn = value as Partial<Record<keyof SymbolicFunction, unknown>>;
  const { name } = fn;
  if (typeof name !== "string" || !namePattern.test(name)) {
    throw new SymgradError(
      "E_USAGE",
      `defineFunction: \`name\` must be namespace.name.v1, got ${show(name)}.`,
      {
        hint: 'use a name such as "mine.larger.v1"',
      },
    );
  }
  const refuse = (field: string, wanted: string, got: unknown, hint?: string): never => {
    throw new SymgradError("E_USAGE", `${name}: \`${field}\` must be ${wanted}, got ${show(got)}.`, { hint });
  };
  if (fn.contract !== contractVersion) {
    refuse(
      "contract",
      `version ${contractVersion}`,
      fn.contract,
      "rebuild the plugin with this version of @symgrad/symbolic-plugins",
    );
  }
  if (typeof fn.run !== "function") refuse("run", "a function", fn.run);
  if (typeof fn.where !== "function") refuse("where", "a function such as `distinct`", fn.where);
  if (typeof fn.pure !== "boolean") refuse("pure", "true or false", fn.pure);
  if (fn.overflow !== "fail" && fn.overflow !== "undefined") {
    refuse("overflow", '"fail" or "undefined"', fn.overflow);
  }
  const { maxLength } = fn;
  if (!Number.isInteger(maxLength) || (maxLength as number) < 1 || (maxLength as number) > 65_535) {
    refuse("maxLength", "an integer from 1 to 65,535", maxLength);
  }
  const { concurrency, timeoutMs } = fn;
  if (!Number.isInteger(concurrency) || (concurrency as number) < 1) {
    refuse("concurrency", "an integer of at least 1", concurrency);
  }
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0)) refuse("timeoutMs", "a number above 0", timeoutMs);
  if (!Array.isArray(fn.examples)) refuse("examples", "a list of examples", fn.examples);
  if (!isOutput(fn.output)) refuse("output", "what tokens(...) returns", fn.output);
  if (!isSpaces(fn.args)) {
    return refuse(
      "args",
      "an object of argument spaces, at least one",
      fn.args,
      'write args: { a: fromExample("numbers") }',
    );
  }
  assertSymmetric(name, fn.symmetric, fn.args);
}

function assertSymmetric(
  name: string,
  symmetric: unknown,
  args: Record<string, ArgumentSpace<unknown>>,
): void {
  const known = Object.keys(args);
  if (
    !Array.isArray(symmetric) ||
    symmetric.length === 1 ||
    new Set(symmetric).size !== symmetric.length ||
    symmetric.some((argument) => !known.includes(argument))
  ) {
    throw new SymgradError(
      "E_USAGE",
      `${name}: \`symmetric\` must name at least two of the arguments (${known.join(", ")}), each once, got ${show(symmetric)}.`,
    );
  }
  const sources = new Set(symmetric.map((argument: string) => args[argument]!.source));
  if (sources.size > 1) {
    throw new SymgradError(
      "E_USAGE",
      `${name}: symmetric arguments must draw from one list, got ${[...sources].join(" and ")}.`,
    );
  }
}

function isOutput(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { digits, symbols } = value as Record<string, unknown>;
  return (
    (digits === "split" || digits === "none") &&
    Array.isArray(symbols) &&
    symbols.every((symbol) => typeof symbol === "string" && symbol !== "")
  );
}

function isSpaces(value: unknown): value is Record<string, ArgumentSpace<unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const spaces = Object.values(value) as (Partial<ArgumentSpace<unknown>> | null)[];
  return (
    spaces.length > 0 &&
    spaces.every(
      (space) =>
        typeof space?.source === "string" &&
        typeof space.values === "function" &&
        typeof space.canonical === "function",
    )
  );
}

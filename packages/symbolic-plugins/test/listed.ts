import { fromExample } from "../src/arguments/fromExample";
import { defineFunction, type SymbolicFunction } from "../src/define";
import { tokens } from "../src/output";
import { ok, undefinedResult } from "../src/result";

/** A function whose results stand in the example itself, under `results`; "!reason" is an undefined one. */
export const listed: SymbolicFunction = defineFunction({
  name: "test.listed.v1",
  args: { result: fromExample("results") },
  run: ({ result }) => (result.startsWith("!") ? undefinedResult(result.slice(1)) : ok(result)),
  output: tokens(),
  maxLength: 12,
});

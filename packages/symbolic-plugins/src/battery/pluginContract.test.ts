import { describe, expect, test } from "vitest";
import { failure } from "../../test/failure";
import { decimal } from "../arguments/decimal";
import { fromExample } from "../arguments/fromExample";
import { listOf } from "../arguments/listOf";
import type { ValueType } from "../arguments/valueType";
import { builtins } from "../builtin/builtins";
import { createCalculator } from "../builtin/calculator";
import { createComparator } from "../builtin/comparator";
import { regexExtract } from "../builtin/regexExtract";
import { defineFunction, type SymbolicFunction } from "../define";
import { tokens } from "../output";
import { ok, type Result, undefinedResult } from "../result";
import { type PluginContractOptions, pluginContract } from "./pluginContract";

/** A busy machine is no fault of a function's. */
const patient = { millisecondsPerCall: 5_000 };

describe.each([
  ...builtins.map((fn) => [fn, {}] as const),
  [createCalculator({ operations: ["add", "subtract", "multiply", "divide"] }), {}],
  [createCalculator({ operations: ["divide"], form: "result" }), {}],
  [createComparator({ operations: ["sort", "argmax"], count: 3 }), {}],
  [
    regexExtract({ name: "test.score.v1", pattern: /\b(\d+-\d+)\b/ }),
    { examples: [{ passage: "They won 24-21, after 3-0 at halftime." }] },
  ],
] as [SymbolicFunction, PluginContractOptions][])("$name keeps the contract", (fn, options) => {
  for (const { name, run } of pluginContract(fn, { ...options, ...patient })) test(name, run);
});

/** The names of the checks that fail, with their errors. */
async function failures(fn: SymbolicFunction, options: PluginContractOptions = patient) {
  const failed: Record<string, unknown> = {};
  for (const { name, run } of pluginContract(fn, options)) {
    await run().catch((error) => {
      failed[name.slice(name.indexOf(": ") + 2)] = error;
    });
  }
  return failed;
}

const good = {
  name: "test.planted.v1",
  args: { a: fromExample("numbers"), b: fromExample("numbers") },
  output: tokens(),
  maxLength: 40,
};

test("a plain function without examples is called with samples of its types", async () => {
  expect(await failures(defineFunction({ ...good, run: ({ a, b }) => ok(a.plus(b).toFixed()) }))).toEqual({});
});

describe("planted faults", () => {
  let calls = 0;
  const list: ValueType<number[]> = {
    name: "list",
    expected: "a list",
    parse: (value) => (Array.isArray(value) ? [...value] : undefined),
    canonical: (value) => JSON.stringify(value),
    samples: [
      [3, 1],
      [2, 1],
    ],
  };
  const bytes: ValueType<Uint8Array> = {
    name: "bytes",
    expected: "bytes",
    parse: (value) => Uint8Array.from(value as number[]),
    canonical: (value) => JSON.stringify([...value]),
    samples: [[3, 1]],
  };
  const careless: ValueType<number> = {
    name: "rounded",
    expected: "a number",
    parse: (value) => (typeof value === "number" ? value : undefined),
    canonical: (value) => String(Math.round(value)),
    samples: [1.1, 1.2, 7],
  };
  const unknown: ValueType<string> = {
    ...list,
    parse: String,
    canonical: String,
    samples: undefined,
  } as never;

  test.each([
    [
      "throws",
      {
        run: () => {
          throw new Error("out of order");
        },
      },
      "errors",
      ["run({ a: 72, b: 72 })", "out of order", "undefinedResult"],
    ],
    ["returns text", { run: ({ a }: { a: object }) => String(a) }, "errors", ['returned "72"', "ok(text)"]],
    ["returns nothing", { run: () => undefined }, "errors", ["returned undefined"]],
    [
      "has no result for anything",
      { run: () => undefinedResult("never") },
      "errors",
      ["no result was defined", '"never"', "examples"],
    ],
    [
      "puts arguments into reasons",
      {
        run: ({ a, b }: { a: object; b: object }) =>
          String(a) < String(b) ? ok("1") : undefinedResult(`${a} is above ${b}`),
      },
      "errors",
      ["different reasons", "same words"],
    ],
    [
      "is slow",
      {
        run: () => {
          const end = performance.now() + 30;
          while (performance.now() < end);
          return ok("1");
        },
      },
      "timing",
      ["run({ a: 72, b: 72 })", "took", "5 ms are allowed"],
      { millisecondsPerCall: 5, examples: [{ numbers: [72] }] },
    ],
    [
      "never settles",
      { run: () => new Promise<Result>(() => {}), timeoutMs: 5, examples: [{ numbers: [72] }] },
      "timing",
      ["did not settle within 5 ms", "timeoutMs"],
    ],
    [
      "uses a word it did not declare",
      { run: () => ok("about 5") },
      "vocabulary and lengths",
      ["a: 72", '"about"', "symbols"],
    ],
    [
      "is longer than it said",
      { run: () => ok("1".repeat(41)) },
      "vocabulary and lengths",
      ["41 tokens", "`maxLength` is 40"],
    ],
    ["returns NaN", { run: () => ok(String(Number.NaN)) }, "vocabulary and lengths", ['"NaN"']],
    [
      "is not pure",
      { run: () => ok(String(++calls)) },
      "determinism",
      ["for the same arguments", "pure: false"],
    ],
    [
      "tells apart what its key does not",
      { args: { a: fromExample("rounded", careless) }, run: ({ a }: { a: number }) => ok(String(a)) },
      "cache keys",
      ["one cache key", "1.1", "canonical"],
    ],
    [
      "is not symmetric",
      { symmetric: ["a", "b"], run: ({ a }: { a: { toFixed(): string } }) => ok(a.toFixed()) },
      "symmetric arguments",
      ["with a and b exchanged", '"72"'],
    ],
    [
      "sorts its argument",
      { args: { a: fromExample("lists", list) }, run: ({ a }: { a: number[] }) => ok(String(a.sort()[0])) },
      "errors",
      ["[3,1]", "read only", "copy"],
    ],
    [
      "changes what cannot be frozen",
      {
        args: { a: fromExample("bytes", bytes) },
        run: ({ a }: { a: Uint8Array }) => ok(String(a.fill(7)[0])),
      },
      "no mutation",
      ["[3,1]", "`a`", "[7,7]", "copy"],
    ],
    [
      "cannot be called",
      { args: { a: fromExample("things", unknown) }, run: () => ok("1") },
      "candidates",
      ["samples", "examples"],
    ],
    [
      "has no candidates",
      { where: () => false, run: () => ok("1") },
      "candidates",
      ["no candidates", "where"],
    ],
  ] as [string, object, string, string[], PluginContractOptions?][])(
    "one that %s",
    async (_, change, check, parts, options) => {
      const failed = await failures(defineFunction({ ...good, ...change } as never), options);
      expect(failed[check]).toEqual(
        failure(
          (failed[check] as { code: string } | undefined)?.code ?? "E_CONTRACT",
          "test.planted.v1",
          ...parts,
        ),
      );
      expect(String((failed[check] as { code: string }).code)).toMatch(/^E_(CONTRACT|LENGTH|VOCABULARY)$/);
    },
  );

  test("one for another version of the contract, and one that is none", async () => {
    const fn = defineFunction({ ...good, run: () => ok("1") });
    const other = await failures({ ...fn, contract: 7 });
    expect(other.definition).toEqual(failure("E_USAGE", "test.planted.v1", "version 1", "7", "rebuild"));
    expect((await failures(undefined as never)).definition).toEqual(failure("E_USAGE", "defineFunction"));
  });
});

test("an impure function need not repeat itself, an asynchronous one may take its time", async () => {
  let calls = 0;
  const args = { numbers: fromExample("lists", listOf(decimal)) };
  const fn = defineFunction({
    ...good,
    args,
    pure: false,
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return ok(String(++calls));
    },
  });
  expect(await failures(fn, {})).toEqual({});
});

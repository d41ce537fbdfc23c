import type { Decimal } from "decimal.js";
import { describe, expect, expectTypeOf, test } from "vitest";
import { failure } from "../test/failure";
import { distinct } from "./arguments/distinct";
import { fromExample } from "./arguments/fromExample";
import type { ValueType } from "./arguments/valueType";
import { calculator } from "./builtin/calculator";
import { defineFunction, type SymbolicFunction } from "./define";
import { tokens } from "./output";
import { ok, undefinedResult } from "./result";

const weekday: ValueType<0 | 1 | 2 | 3 | 4 | 5 | 6> = {
  name: "weekday",
  expected: "an integer from 0 to 6",
  parse: (value) => ([0, 1, 2, 3, 4, 5, 6] as const).find((day) => day === value),
  canonical: String,
};

describe("types", () => {
  test("run's arguments follow from args", () => {
    defineFunction({
      name: "test.types.v1",
      args: { a: fromExample("numbers"), unit: fromExample("units"), day: fromExample("days", weekday) },
      where: (values, positions) => {
        expectTypeOf(values.day).toEqualTypeOf<0 | 1 | 2 | 3 | 4 | 5 | 6>();
        expectTypeOf(positions.unit).toEqualTypeOf<{ readonly source: string; readonly index: number }>();
        return true;
      },
      run: ({ a, unit, day }) => {
        expectTypeOf(a).toEqualTypeOf<Decimal>();
        expectTypeOf(unit).toEqualTypeOf<string>();
        expectTypeOf(day).toEqualTypeOf<0 | 1 | 2 | 3 | 4 | 5 | 6>();
        return ok(a.toFixed());
      },
      output: tokens(),
      maxLength: 3,
    });
  });

  test("an argument that is not declared does not compile", () => {
    const one = { name: "test.one.v1", args: { a: fromExample("numbers") }, output: tokens(), maxLength: 3 };
    // @ts-expect-error: there is no b
    defineFunction({ ...one, run: ({ b }) => ok(String(b)) });
    // @ts-expect-error: a result is a value, not a string
    defineFunction({ ...one, run: ({ a }) => a.toFixed() });
    // @ts-expect-error: symmetric names arguments
    expect(() => defineFunction({ ...one, run: ({ a }) => ok(a.toFixed()), symmetric: ["a", "b"] })).toThrow(
      failure("E_USAGE"),
    );
  });

  test("every function is a SymbolicFunction, and run may be async", () => {
    expectTypeOf(calculator).toExtend<SymbolicFunction>();
    expectTypeOf(defineFunction)
      .parameter(0)
      .toHaveProperty("run")
      .returns.toEqualTypeOf<ReturnType<SymbolicFunction["run"]>>();
  });
});

const good = {
  name: "test.good.v1",
  args: { a: fromExample("numbers"), b: fromExample("numbers") },
  run: () => ok("1"),
  output: tokens(),
  maxLength: 5,
};

test("defineFunction fills in the defaults and freezes", () => {
  const fn = defineFunction(good);
  expect(fn).toMatchObject({ symmetric: [], pure: true, overflow: "fail", contract: 1 });
  expect(Object.isFrozen(fn)).toBe(true);
});

test.each([
  ["a name without namespace", { name: "calculator" }, ["namespace.name.v1", '"calculator"']],
  ["a name without version", { name: "test.calculator" }, ["namespace.name.v1"]],
  ["no arguments", { args: {} }, ["test.good.v1", "`args`", "at least one"]],
  ["an argument that is no space", { args: { a: "numbers" } }, ["`args`", "fromExample"]],
  ["no run", { run: undefined }, ["`run`", "function"]],
  ["a where that is no function", { where: "distinct" }, ["`where`"]],
  ["an output that tokens() did not make", { output: "digits" }, ["`output`", "tokens(...)"]],
  ["maxLength 0", { maxLength: 0 }, ["`maxLength`", "1 to 65,535", "0"]],
  ["maxLength 2.5", { maxLength: 2.5 }, ["`maxLength`"]],
  ["overflow", { overflow: "cut" }, ["`overflow`", '"fail" or "undefined"']],
  ["pure", { pure: "yes" }, ["`pure`", "true or false"]],
  ["concurrency", { concurrency: 0 }, ["`concurrency`", "at least 1", "0"]],
  ["timeoutMs", { timeoutMs: Number.NaN }, ["`timeoutMs`", "above 0", "NaN"]],
  ["examples", { examples: { numbers: [1] } }, ["`examples`", "list"]],
  ["symmetric with one name", { symmetric: ["a"] }, ["`symmetric`", "at least two"]],
  ["symmetric with an unknown name", { symmetric: ["a", "c"] }, ["a, b", '"c"']],
  [
    "symmetric over two lists",
    {
      args: { a: fromExample("numbers"), b: fromExample("words") },
      symmetric: ["a", "b"],
    },
    ["one list"],
  ],
  ["another contract", { contract: 7 }, ["`contract`", "version 1", "7"]],
] as [string, object, string[]][])("defineFunction refuses %s", (_, change, parts) => {
  expect(() => defineFunction({ ...good, ...change } as never)).toThrow(failure("E_USAGE", ...parts));
});

test("results are values", () => {
  expect(ok("95", { values: ["95"] })).toEqual({ kind: "ok", text: "95", values: ["95"] });
  expect(ok("yes").values).toEqual([]);
  expect(undefinedResult("division by zero")).toEqual({ kind: "undefined", reason: "division by zero" });
});

test("distinct compares positions, not values", () => {
  const at = (index: number, source = "numbers") => ({ source, index });
  expect(distinct({}, { a: at(0), b: at(1) })).toBe(true);
  expect(distinct({}, { a: at(1), b: at(1) })).toBe(false);
  expect(distinct({}, { a: at(1), b: at(1, "words") })).toBe(true);
});

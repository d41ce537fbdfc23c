import { straightThroughGumbel } from "@symgrad/gumbel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { decimal } from "../arguments/decimal";
import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { calculator } from "../builtin/calculator";
import { listCandidates } from "../candidates";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { createRegistry } from "../registry";
import { ok, undefinedResult } from "../result";
import { ambiguity } from "./ambiguity";
import { consistentCandidates } from "./consistentCandidates";
import { solve } from "./solve";

const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 8 });

describe("solve", () => {
  test("finds exactly the candidates whose result fits, as the prepared row says", () => {
    const layer = createRegistry([calculator]).layer(calculator.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: digitVocabulary(),
    });
    fc.assert(
      fc.property(numbers, fc.integer({ min: -20, max: 20 }), (list, answer) => {
        const example = { numbers: list };
        const wanted = ({ values }: { values: readonly string[] }) => values.includes(String(answer));
        const found = [...solve(calculator, example, wanted)].map(({ tuple }) => [...tuple]);
        const candidates = layer.candidates([example]);
        const [row] = layer.prepareRowsSync(candidates);
        const consistent = consistentCandidates(row!, wanted);
        expect(found).toEqual(consistent.map((candidate) => candidates.tuples(0)[candidate]));
        const brute = list.flatMap((a, i) =>
          list.flatMap((b, j) => (i < j && [a + b, a - b, b - a].includes(answer) ? [[i, j]] : [])),
        );
        expect(found).toEqual(brute);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("with invert: the same solutions from fewer calls", () => {
    let calls = 0;
    const counted = defineFunction({
      ...calculator,
      symmetric: ["a", "b"],
      name: "test.counted.v1",
      run: (args) => {
        calls++;
        return calculator.run(args);
      },
    });
    fc.assert(
      fc.property(numbers, fc.integer({ min: -20, max: 20 }), (list, answer) => {
        const y = decimal.parse(answer)!;
        const wanted = ({ values }: { values: readonly string[] }) => values.includes(y.toFixed());
        const all = [...solve(calculator, { numbers: list }, wanted)];
        calls = 0;
        const inverted = solve(counted, { numbers: list }, wanted, {
          invert: { argument: "b", values: ({ a }) => [y.minus(a), a.minus(y), a.plus(y)] },
        });
        const sorted = [...inverted].sort((p, q) => p.tuple[0]! - q.tuple[0]! || p.tuple[1]! - q.tuple[1]!);
        expect(sorted).toEqual(all);
        expect(calls).toBe(all.length);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test("streams: the first solution of a million tuples costs the calls before it", () => {
    let calls = 0;
    const sum = defineFunction({
      name: "test.sum.v1",
      args: { a: fromExample("numbers"), b: fromExample("numbers"), c: fromExample("numbers") },
      run: ({ a, b, c }) => {
        calls++;
        return ok(a.plus(b).plus(c).toFixed());
      },
      output: tokens(),
      maxLength: 9,
    });
    const example = { numbers: Array.from({ length: 200 }, (_, i) => i) };
    const [first] = solve(sum, example, ({ text }) => text === "3");
    expect(first).toMatchObject({ tuple: [0, 0, 3], result: { text: "3" } });
    expect(calls).toBe(4);
  });

  test("an undefined result never fits", () => {
    const never = defineFunction({
      name: "test.never.v1",
      args: { a: fromExample("numbers") },
      run: ({ a }) => (a.isZero() ? undefinedResult("zero") : ok("1")),
      output: tokens(),
      maxLength: 1,
    });
    expect([...solve(never, { numbers: [0, 5, 0] }, () => true)].map(({ tuple }) => tuple)).toEqual([[1]]);
  });

  test("refuses what it cannot search", () => {
    const define = (run: () => never) =>
      defineFunction({
        name: "test.bad.v1",
        args: { a: fromExample("numbers") },
        run,
        output: tokens(),
        maxLength: 1,
      });
    const search = (run: () => unknown) => [
      ...solve(define(run as () => never), { numbers: [7] }, () => true),
    ];
    expect(() => search(() => "text")).toThrow(failure("E_FUNCTION", "ok(text)", '"text"'));
    expect(() => search(() => Promise.resolve(ok("1")))).toThrow(failure("E_FUNCTION", "asynchronous"));
    expect(() =>
      search(() => {
        throw new Error("boom");
      }),
    ).toThrow(failure("E_FUNCTION", "boom", "{ a: 7 }"));
    expect(() => [...solve(calculator, {}, () => true)]).toThrow(failure("E_FORMAT", "numbers"));
    const invert = { argument: "c" as "b", values: () => [] };
    expect(() => [...solve(calculator, { numbers: [1, 2] }, () => true, { invert })]).toThrow(
      failure("E_USAGE", "invert.argument", '"c"'),
    );
    const wrong = { argument: "b" as const, values: () => ["5"] };
    expect(() => [...solve(calculator, { numbers: [1, 2] }, () => true, { invert: wrong })]).toThrow(
      failure("E_USAGE", 'gave "5"'),
    );
  });
});

test("solutions are candidates: where and symmetry hold with and without invert", () => {
  const ordered = defineFunction({
    name: "test.ordered.v1",
    args: { a: fromExample("numbers"), b: fromExample("numbers") },
    where: (values, positions) => distinct(values, positions) && values.a.lessThan(values.b),
    run: ({ a, b }) => ok(b.minus(a).toFixed()),
    output: tokens(),
    maxLength: 9,
  });
  const example = { numbers: [5, 2, 2, 9] };
  const [candidates] = [listCandidates(ordered, [example])];
  const every = [...solve(ordered, example, () => true)].map(({ tuple }) => [...tuple]);
  expect(every).toEqual(candidates.tuples(0));
  const all = example.numbers.map((value) => decimal.parse(value)!);
  const inverted = [...solve(ordered, example, () => true, { invert: { argument: "a", values: () => all } })];
  expect(inverted.map(({ tuple }) => [...tuple]).sort()).toEqual([...every].sort());
});

describe("ambiguity", () => {
  test("counts the sizes of consistent sets", () => {
    expect(ambiguity([1, 0, 4, 1, 3])).toEqual({
      examples: 5,
      unsolved: 1,
      unique: 2,
      ambiguous: 2,
      mean: 9 / 4,
      median: 2,
      largest: 4,
      histogram: new Map([
        [0, 1],
        [1, 2],
        [3, 1],
        [4, 1],
      ]),
    });
    expect(ambiguity([0])).toMatchObject({
      examples: 1,
      unsolved: 1,
      unique: 0,
      mean: 0,
      median: 0,
      largest: 0,
    });
    expect(ambiguity([3, 1, 2]).median).toBe(2);
  });

  test("refuses what is no size", () => expect(() => ambiguity([1, -1])).toThrow(failure("E_RANGE", "-1")));
});

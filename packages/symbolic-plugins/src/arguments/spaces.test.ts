import type { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { failure } from "../../test/failure";
import { listCandidates, streamCandidates } from "../candidates";
import { defineFunction, type SymbolicFunction } from "../define";
import { mixedRadix } from "../mixedRadix";
import { tokens } from "../output";
import { ok } from "../result";
import type { ArgumentSpace, ArgumentSpaces } from "./argumentSpace";
import { decimal } from "./decimal";
import { distinct } from "./distinct";
import { fromExample } from "./fromExample";
import { listOf } from "./listOf";
import { oneOf } from "./oneOf";
import { pairs } from "./pairs";
import { product } from "./product";
import { range } from "./range";
import { wholeField } from "./wholeField";

const define = (args: ArgumentSpaces, change: object = {}): SymbolicFunction =>
  defineFunction({
    name: "test.spaces.v1",
    args,
    run: () => ok("1"),
    output: tokens(),
    maxLength: 9,
    ...change,
  });
const valuesOf = <T>(space: ArgumentSpace<T>, example: object = {}) => space.values(example, "test");

test("the types of run's arguments follow from every kind of space", () => {
  defineFunction({
    name: "test.types.v1",
    args: {
      digit: range(10),
      op: oneOf(["+", "-", 0, true]),
      both: product({ op: oneOf(["+", "-"]), n: range(1, 4) }),
      pair: pairs(fromExample("numbers")),
      all: wholeField("numbers", listOf(decimal)),
      passage: wholeField("passage"),
    },
    run: ({ digit, op, both, pair, all, passage }) => {
      expectTypeOf(digit).toEqualTypeOf<number>();
      expectTypeOf(op).toEqualTypeOf<"+" | "-" | 0 | true>();
      expectTypeOf(both).toEqualTypeOf<{ readonly op: "+" | "-"; readonly n: number }>();
      expectTypeOf(pair).toEqualTypeOf<readonly [Decimal, Decimal]>();
      expectTypeOf(all).toEqualTypeOf<readonly Decimal[]>();
      expectTypeOf(passage).toEqualTypeOf<string>();
      return ok("1");
    },
    output: tokens(),
    maxLength: 9,
  });
});

test("range and oneOf list the same values for every example", () => {
  expect(valuesOf(range(3))).toEqual([0, 1, 2]);
  expect(valuesOf(range(-1, 2))).toEqual([-1, 0, 1]);
  expect(valuesOf(oneOf(["<", "=", ">"]))).toEqual(["<", "=", ">"]);
  for (const [from, to] of [
    [0, 0],
    [3, 2],
    [0.5, 2],
    [0, 1_000_001],
    [0, Number.NaN],
  ] as const) {
    expect(() => range(from, to)).toThrow(failure("E_RANGE", "range", String(to)));
  }
  for (const wrong of [[], ["a", "a"], [Number.NaN], [null], "ab"]) {
    expect(() => oneOf(wrong as never)).toThrow(failure("E_USAGE", "oneOf"));
  }
});

test("a product's values are the tuples of the mixed radix, named", () => {
  const space = product({ op: oneOf(["+", "-"]), n: range(3), word: fromExample("words") });
  const values = valuesOf(space, { words: ["a", "b"] });
  const { count, tupleOf } = mixedRadix([2, 3, 2]);
  expect(values.length).toBe(count);
  for (const [i, value] of values.entries()) {
    const [op, n, word] = tupleOf(i);
    expect(value).toEqual({ op: ["+", "-"][op!], n, word: ["a", "b"][word!] });
    expect(Object.isFrozen(value)).toBe(true);
  }
  expect(new Set(values.map((value) => space.canonical(value))).size).toBe(count);
  expect(() => product({})).toThrow(failure("E_USAGE", "product"));
  expect(() => valuesOf(product({ a: range(2000), b: range(2000) }))).toThrow(failure("E_RANGE", "4000000"));
});

test("pairs: ordered or not, with or without a position twice", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 6 }), fc.boolean(), fc.boolean(), (list, ordered, apart) => {
      const values = valuesOf(pairs(fromExample("numbers"), { ordered, distinct: apart }), { numbers: list });
      const expected = list.flatMap((a, i) =>
        list.flatMap((b, j) => ((ordered || i <= j) && (!apart || i !== j) ? [`${a} ${b}`] : [])),
      );
      expect(values.map(([a, b]) => `${a} ${b}`)).toEqual(expected);
    }),
  );
  expect(valuesOf(pairs(range(4))).length).toBe(6);
});

test("a whole field is the only value; a wrong one is named", () => {
  expect(valuesOf(wholeField("passage"), { passage: "Anna has 2." })).toEqual(["Anna has 2."]);
  const numbers = wholeField("numbers", listOf(decimal));
  const [list] = valuesOf(numbers, { numbers: [3, "1,000"] });
  expect(list!.map(String)).toEqual(["3", "1000"]);
  expect(Object.isFrozen(list)).toBe(true);
  expect(() => valuesOf(numbers, { numbers: [3, "x"] })).toThrow(failure("E_FORMAT", "`numbers`", "decimal"));
  expect(() => valuesOf(wholeField("passage"), {})).toThrow(failure("E_FORMAT", "`passage`", "undefined"));
});

test("canonical text tells a space's values apart", () => {
  const spaces: [ArgumentSpace<unknown>, object][] = [
    [oneOf(["1", 1, true, "true"]), {}],
    [pairs(fromExample("words"), { ordered: true, distinct: false }), { words: ['a","b', "a", 'b"]', ""] }],
    [product({ a: fromExample("words"), b: fromExample("words") }), { words: ['x","y', "x", "y"] }],
  ];
  for (const [space, example] of spaces) {
    const values = valuesOf(space, example);
    expect(new Set(values.map((value) => space.canonical(value))).size).toBe(values.length);
  }
});

test("mixedRadix is a bijection", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 }), fc.nat(), (sizes, draw) => {
      const { count, tupleOf, indexOf } = mixedRadix(sizes);
      expect(count).toBe(sizes.reduce((a, b) => a * b, 1));
      const index = draw % count;
      const tuple = tupleOf(index);
      expect(tuple.every((value, i) => value >= 0 && value < sizes[i]!)).toBe(true);
      expect(indexOf(tuple)).toBe(index);
    }),
  );
  expect(mixedRadix([2, 0]).count).toBe(0);
  expect(() => mixedRadix([2.5])).toThrow(failure("E_RANGE", "2.5"));
  expect(() => mixedRadix([1e9, 1e9])).toThrow(failure("E_RANGE", "2^53"));
  expect(() => mixedRadix([2, 3]).tupleOf(6)).toThrow(failure("E_RANGE", "6"));
  expect(() => mixedRadix([2, 3]).indexOf([0, 3])).toThrow(failure("E_RANGE", "[0, 3]"));
});

test("candidate -> tuple -> candidate, streamed and listed, with where, symmetry and ragged batches", () => {
  const args = { a: fromExample("words"), n: range(3), b: fromExample("words") };
  const changes = [
    {},
    { where: distinct },
    { symmetric: ["a", "b"] },
    { where: ({ a, n }: { a: string; n: number }) => a.length !== n },
  ];
  const words = fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(words, { maxLength: 3 }), fc.constantFrom(...changes), (lists, change) => {
      const fn = define(args, change);
      const examples = lists.map((list) => ({ words: list }));
      const candidates = listCandidates(fn, examples);
      expect(candidates.offsets.at(-1)).toBe(candidates.counts.reduce((sum, count) => sum + count, 0));
      for (const [example, count] of candidates.counts.entries()) {
        expect(candidates.offsets[example + 1]! - candidates.offsets[example]!).toBe(count);
        const streamed = [...streamCandidates(fn, examples[example]!)];
        expect(streamed.map(({ tuple }) => tuple)).toEqual(candidates.tuples(example));
        for (let i = 0; i < count; i++) {
          expect(candidates.indexOf(example, candidates.tuple(example, i))).toBe(i);
          expect(streamed[i]!.values[1]).toBe(candidates.tuple(example, i)[1]);
        }
        expect(candidates.indexOf(example, [0, 3, 0])).toBeUndefined();
      }
    }),
  );
  const candidates = listCandidates(define({ n: range(3) }), [{}]);
  expect(() => candidates.tuple(0, 3)).toThrow(failure("E_RANGE", "candidate 3", "3 of example 0"));
});

test("streaming takes what it needs of a space too large to list", () => {
  const fn = define({ a: range(1_000_000), b: range(1_000_000), c: range(1_000_000) });
  const { value } = streamCandidates(fn, {}).next();
  expect(value).toMatchObject({ tuple: [0, 0, 0], canonical: ["0", "0", "0"] });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../test/failure";
import { distinct } from "./arguments/distinct";
import { fromExample } from "./arguments/fromExample";
import { calculator } from "./builtin/calculator";
import { listCandidates } from "./candidates";
import { defineFunction } from "./define";
import { tokens } from "./output";
import { ok } from "./result";

const base = { run: () => ok("1"), output: tokens(), maxLength: 5 };

test("symmetric distinct pairs: (i, j) with i < j, in lexicographic order, ragged over the batch", () => {
  const candidates = listCandidates(calculator, [
    { numbers: [5, 6, 7, 8] },
    { numbers: [] },
    { numbers: ["1", "1"] },
  ]);
  expect(candidates.tuples(0)).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
  expect(candidates.tuples(1)).toEqual([]);
  expect(candidates.tuples(2)).toEqual([[0, 1]]); // equal values at two places are a pair
  expect(Array.from(candidates.counts)).toEqual([6, 0, 1]);
  expect(() => candidates.tuples(3)).toThrow(failure("E_RANGE", "batch of 3"));
});

test("ten and eleven numbers give 45 and 55 pairs", () => {
  const count = (n: number) =>
    listCandidates(calculator, [{ numbers: Array.from({ length: n }, (_, i) => i) }]).counts[0];
  expect([10, 11].map(count)).toEqual([45, 55]);
});

/** The tuples by filtering the whole product, which the enumeration must equal. */
function byFilter(sizes: number[], keep: (tuple: number[]) => boolean): number[][] {
  return sizes
    .reduce<number[][]>(
      (tuples, size) => tuples.flatMap((t) => Array.from({ length: size }, (_, i) => [...t, i])),
      [[]],
    )
    .filter(keep);
}

test("where, symmetric and distinct agree with filtering the whole product", () => {
  const args = { a: fromExample("words"), b: fromExample("numbers"), c: fromExample("words") };
  fc.assert(
    fc.property(fc.nat(4), fc.nat(4), (n, m) => {
      const example = {
        words: Array.from({ length: n }, (_, i) => `w${i}`),
        numbers: Array.from({ length: m }, (_, i) => i),
      };
      const tuples = (change: object) =>
        listCandidates(defineFunction({ ...base, name: "test.product.v1", args, ...change }), [
          example,
        ]).tuples(0);
      const sizes = [n, m, n];
      expect(tuples({})).toEqual(byFilter(sizes, () => true));
      expect(tuples({ where: distinct })).toEqual(byFilter(sizes, ([a, , c]) => a !== c));
      expect(tuples({ symmetric: ["a", "c"] })).toEqual(byFilter(sizes, ([a, , c]) => a! <= c!));
      expect(tuples({ symmetric: ["a", "c"], where: distinct })).toEqual(
        byFilter(sizes, ([a, , c]) => a! < c!),
      );
      const where = ({ a, b }: { a: string; b: { toNumber(): number } }) => a !== `w${b.toNumber()}`;
      expect(tuples({ where })).toEqual(byFilter(sizes, ([a, b]) => a !== b));
    }),
    { numRuns: 30 },
  );
});

test("an example without the field, or with another type in it, is named", () => {
  const list =
    (...examples: object[]) =>
    () =>
      listCandidates(calculator, examples);
  expect(list({ numbers: [1] }, { passage: "x", question: "y" })).toThrow(
    failure("E_FORMAT", "symgrad.calculator.v1", "example 1", "`numbers`", "passage, question"),
  );
  expect(list({ numbers: "12" })).toThrow(failure("E_FORMAT", "must be a list"));
  expect(list({ numbers: [1, "abc"] })).toThrow(failure("E_FORMAT", "numbers[1]", '"abc"', "decimal number"));
  expect(list({ numbers: [Number.NaN] })).toThrow(failure("E_FORMAT", "numbers[0]"));
  expect(listCandidates(calculator, [{ numbers: Int32Array.of(1, 2) }]).counts[0]).toBe(1);
});

test("more than a million candidates for one example are refused", () => {
  const fn = defineFunction({
    ...base,
    name: "test.many.v1",
    args: { a: fromExample("words"), b: fromExample("words") },
  });
  const words = Array.from({ length: 1001 }, (_, i) => String(i));
  expect(() => listCandidates(fn, [{ words }])).toThrow(failure("E_RANGE", "1,000,000", "where"));
});

test("canonical text with control characters is refused", () => {
  const type = { name: "raw", expected: "text", parse: String, canonical: (value: string) => value };
  const fn = defineFunction({ ...base, name: "test.raw.v1", args: { a: fromExample("words", type) } });
  expect(() => listCandidates(fn, [{ words: ["a\u001fb"] }])).toThrow(
    failure("E_FUNCTION", "control characters"),
  );
});

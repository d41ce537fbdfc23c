import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dropMetrics } from "./dropMetrics";
import { maximumAssignment } from "./maximumAssignment";
import { normalizeDropAnswer } from "./normalizeDropAnswer";
import { numpyMean } from "./numpyMean";
import { pythonFloat, pythonFloatText, pythonSplit } from "./pythonFloat";

interface Cases {
  pairs: {
    id: number;
    prediction: string | string[];
    gold: string | string[];
    em: number;
    f1: number | null;
  }[];
  normalize: { text: string; normalized: string }[];
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../fixtures/drop-metric/${name}`, import.meta.url), "utf8"));
// Written for this project; the expected values are the official evaluator's own.
const cases = fixture("cases.json") as Cases;
// fixtures/drop-metric/generate_random.py
const random = fixture("random.json") as {
  pairs: [string | string[], string | string[], number, number | null][];
  normalize: [string, string][];
};

describe("equal to the official evaluator", () => {
  test.each(cases.normalize)("normalizes $text", ({ text, normalized }) => {
    expect(normalizeDropAnswer(text)).toBe(normalized);
  });

  test.each(cases.pairs)("scores case $id: $prediction for $gold", ({ prediction, gold, em, f1 }) => {
    expect(dropMetrics(prediction, gold)).toEqual({ exactMatch: em, f1: f1 ?? Number.NaN });
  });

  test("scores random answers", () => {
    for (const [prediction, gold, exactMatch, f1] of random.pairs) {
      const scores = { ...dropMetrics(prediction, gold), prediction, gold };
      expect(scores).toEqual({ exactMatch, f1: f1 ?? Number.NaN, prediction, gold });
    }
    for (const [text, normalized] of random.normalize) expect(normalizeDropAnswer(text)).toBe(normalized);
  });

  // Consequences of its rules, each tried in it.
  test.each([
    ["3.5%", "35.0"],
    ["$1,234.50", "123450.0"],
    ["7:30", "730.0"],
    ["1/2", "12.0"],
    [".5.", "5.0"],
    ["3 591 641", "3.0 591.0 641.0"],
    ["1e-5", "1e 5.0"],
    ["0.00001", "1e-05"],
    ["año", "año"],
    ["a\u0301b", "\u0301b"],
    ["5\u00a0yards", "5 yards"],
    ["1e400", "inf"],
    ["1990-1995", "1990.0 1995.0"],
    ["a-b", "b"],
    ["the\ta\tfive", "five"],
    ["١٢", "12.0"],
  ])("%j normalizes to %j", (text, normalized) => {
    expect(normalizeDropAnswer(text)).toBe(normalized);
  });

  test.each([
    ["1_000", 1000],
    ["１２", 12],
    ["𝟙𝟚", 12], // a block whose runs of ten touch
    ["inf", Infinity],
    ["-Infinity", -Infinity],
    [" \u00a0+7.\u3000", 7],
    [".5", 0.5],
    ["1_0e1_0", 1e11],
    ["", undefined],
    [" ", undefined],
    ["0x10", undefined],
    ["0b1", undefined],
    ["1__000", undefined],
    ["_1", undefined],
    ["1_", undefined],
    ["1_.5", undefined],
    ["1 2", undefined],
    ["²", undefined],
    ["½", undefined],
    ["\ufeff1", undefined],
    ["\x1c1", undefined],
    ["infin", undefined],
    [".", undefined],
    ["e5", undefined],
  ])("float(%j) is %s", (text, value) => {
    expect(pythonFloat(text)).toBe(value);
  });

  test.each([
    [1e16, "1e+16"],
    [9999999999999998, "9999999999999998.0"],
    [0.0001, "0.0001"],
    [0.00001234, "1.234e-05"],
    [123456.789, "123456.789"],
    [1.5e300, "1.5e+300"],
    [-0, "-0.0"],
    [1200, "1200.0"],
  ])("str(%s) is %s", (value, text) => {
    expect(pythonFloatText(value)).toBe(text);
    expect(pythonFloat(text)).toBe(value);
  });
});

const words = fc.constantFrom("the", "a", "5", "5.0", "7", "cat", "Dog", "1,000", "x-y", "-", "é");
const phrase = fc.array(words, { maxLength: 4 }).map((parts) => parts.join(" "));
const spans = fc.array(phrase, { minLength: 1, maxLength: 4 });

test("an answer equals itself; exact match is at most F1 unless a span is empty", () => {
  fc.assert(
    fc.property(spans, spans, (a, b) => {
      expect(dropMetrics(a, a)).toEqual({ exactMatch: 1, f1: 1 });
      const { exactMatch, f1 } = dropMetrics(a, b);
      expect(f1).toBeGreaterThanOrEqual(0);
      expect(f1).toBeLessThanOrEqual(1);
      // Spans that repeat are one in the exact match and several in the F1.
      fc.pre(new Set(a.map(normalizeDropAnswer)).size === a.length);
      expect(exactMatch).toBeLessThanOrEqual(f1);
    }),
  );
});

test("neither the order of spans nor, without numbers, the roles matter", () => {
  const plain = fc.array(
    fc.array(fc.constantFrom("cat", "dog", "red"), { maxLength: 3 }).map((parts) => parts.join(" ")),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(dropMetrics([...a].reverse(), b).exactMatch).toBe(dropMetrics(a, b).exactMatch);
      expect(dropMetrics([...a].reverse(), b).f1).toBeCloseTo(dropMetrics(a, b).f1, 12);
      expect(dropMetrics(b, a).exactMatch).toBe(dropMetrics(a, b).exactMatch);
      expect(dropMetrics(b, a).f1).toBeCloseTo(dropMetrics(a, b).f1, 12);
    }),
  );
});

test("a gold number that the prediction lacks gates the F1, not the other way round", () => {
  expect(dropMetrics("5 yards", "7 yards").f1).toBe(0);
  expect(dropMetrics("5 yards", "yards").f1).toBe(0.67);
});

test("the mean is rounded half to even, as numpy does", () => {
  // One right span out of eight: 0.125. Three: 0.375. Five: 0.625.
  const gold = "a1 b1 c1 d1 e1 f1 g1 h1".split(" ");
  for (const [right, f1] of [
    [1, 0.12],
    [3, 0.38],
    [5, 0.62],
  ] as const) {
    expect(dropMetrics(gold.slice(0, right), gold)).toEqual({ exactMatch: 0, f1 });
  }
});

test("two empty lists have no F1", () => {
  expect(dropMetrics([], [])).toEqual({ exactMatch: 1, f1: Number.NaN });
  expect(dropMetrics([], "x")).toEqual({ exactMatch: 0, f1: 0 });
});

test("a number is no answer, as in the original", () => {
  expect(() => dropMetrics(5 as unknown as string, "5")).toThrow(/E_DTYPE.*`prediction`.*got number/);
  expect(() => dropMetrics("5", [null] as unknown as string[])).toThrow(/E_DTYPE.*`gold`.*got null/);
});

test("white space is Python's", () => {
  expect(pythonSplit("\x1ca\u0085b\u3000\u2028c ")).toEqual(["a", "b", "c"]);
  expect(pythonSplit("a\ufeffb")).toEqual(["a\ufeffb"]);
});

test("the assignment is as good as the best of all", () => {
  const best = (scores: number[][], row = 0, used = new Set<number>()): number => {
    if (row === scores.length) return 0;
    const options = [best(scores, row + 1, used)];
    for (const [column, score] of scores[row]!.entries()) {
      if (!used.has(column)) options.push(score + best(scores, row + 1, new Set([...used, column])));
    }
    return Math.max(...options);
  };
  const matrix = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
  fc.assert(
    fc.property(matrix, (scores) => {
      const columns = maximumAssignment(scores);
      const taken = columns.filter((column) => column >= 0);
      expect(columns.length).toBe(scores.length);
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length).toBe(Math.min(scores.length, scores[0]?.length ?? 0));
      const sum = columns.reduce((total, column, row) => total + (scores[row]![column] ?? 0), 0);
      expect(sum).toBe(best(scores));
    }),
  );
});

test("means are numpy's to the last bit", () => {
  // numpy 2.4.6: np.mean([0.1] * 7), np.mean([0.1] * 9), np.mean([1 / (i + 1) for i in range(300)]).
  expect(numpyMean(new Array(7).fill(0.1))).toBe(0.09999999999999999);
  expect(numpyMean(new Array(9).fill(0.1))).toBe(0.1);
  expect(numpyMean(Array.from({ length: 300 }, (_, i) => 1 / (i + 1)))).toBe(0.02094221293433168);
});

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { LINE_END_WORD, Vocabulary } from "../vocabulary/vocabulary";
import { aliasTable } from "./aliasTable";
import { huffmanTree } from "./huffmanTree";
import { keepProbability } from "./keepProbability";
import { noiseWeights } from "./word2VecMemory";

test.each([
  ["paper", 0.5], // sqrt(t / f): Mikolov et al. 2013, arXiv:1310.4546, eq. 5
  ["code", 0.75], // (sqrt(f / t) + 1) * t / f: the authors' word2vec.c
] as const)("keepProbability at f = 4t, %s rule", (rule, expected) => {
  expect(keepProbability({ frequency: 4e-5, threshold: 1e-5, rule })).toBeCloseTo(expected, 12);
  expect(keepProbability({ frequency: 1e-5, threshold: 1e-5, rule })).toBe(1);
  expect(keepProbability({ frequency: 0.5, threshold: 0, rule })).toBe(1);
});

describe("aliasTable", () => {
  it("gives each index its share of the weight", () => {
    const weights = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(weights, (list) => {
        const total = list.reduce((a, b) => a + b, 0);
        fc.pre(total > 1e-3);
        const { thresholds, aliases } = aliasTable(list);
        const shares = list.map(() => 0);
        for (const [cell, threshold] of thresholds.entries()) {
          const own = threshold / 2 ** 32;
          shares[cell]! += own / list.length;
          shares[aliases[cell]!]! += (1 - own) / list.length;
        }
        for (const [i, weight] of list.entries()) expect(shares[i]).toBeCloseTo(weight / total, 8);
      }),
    );
  });
});

test("noise words: counts to a power, and the share of line ends goes to all other words alike", () => {
  const words = new Vocabulary(["a", "b"], [81, 16]);
  expect([...noiseWeights(words, 0.5)]).toEqual([9, 4]);
  const ends = new Vocabulary([LINE_END_WORD, "a", "b"], [36, 81, 16]);
  expect([...noiseWeights(ends, 0.5)]).toEqual([0, 9 + 6 / 2, 4 + 6 / 2]);
  expect([...noiseWeights(new Vocabulary([LINE_END_WORD, "a"], [0, 16]), -1)]).toEqual([0, 1 / 16]);
});

describe("huffmanTree", () => {
  it("settles ties as word2vec.c does: an inner node goes before a word of its weight, which is branch 1", () => {
    expect(huffmanTree([2, 1, 1])).toEqual([
      { nodes: [1], code: [1] },
      { nodes: [1, 0], code: [0, 1] },
      { nodes: [1, 0], code: [0, 0] },
    ]);
  });

  const counts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 60 });

  it("no code starts another, and every inner node has both branches (Kraft's sum is 1)", () => {
    fc.assert(
      fc.property(counts, (list) => {
        const paths = huffmanTree(list);
        const codes = paths.map(({ code }) => code.join(""));
        expect(codes.reduce((sum, code) => sum + 2 ** -code.length, 0)).toBeCloseTo(1, 12);
        for (const a of codes) expect(codes.filter((b) => b.startsWith(a))).toEqual([a]);
        for (const { nodes, code } of paths) {
          expect(nodes[0]).toBe(list.length - 2);
          expect(nodes.length).toBe(code.length);
        }
      }),
    );
  });

  it("is as short as can be: its cost is that of merging the two lightest, again and again", () => {
    fc.assert(
      fc.property(counts, (list) => {
        const cost = huffmanTree(list).reduce((sum, { code }, row) => sum + code.length * list[row]!, 0);
        const weights = [...list];
        let best = 0;
        while (weights.length > 1) {
          weights.sort((a, b) => a - b);
          const merged = weights.shift()! + weights.shift()!;
          best += merged;
          weights.push(merged);
        }
        expect(cost).toBe(best);
      }),
    );
  });
});

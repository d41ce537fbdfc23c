import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTags } from "./decodeTags";

const tokens = 6;
const cases = fc.record({
  tags: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
    minLength: 3 * tokens,
    maxLength: 3 * tokens,
  }),
  source: fc.array(fc.constantFrom(-1, 0, 0, 0, 1), { minLength: tokens, maxLength: tokens }),
  continuation: fc.array(fc.constantFrom(0, 0, 1), { minLength: tokens, maxLength: tokens }),
});

/** Whether these tags are spans within one source, of whole words. */
function isTagging(tags: number[], source: number[], continuation: number[]): boolean {
  return tags.every((tag, at) => {
    const before = at === 0 ? 0 : tags[at - 1]!;
    const together = at > 0 && source[at] === source[at - 1];
    if (tag > 0 && source[at]! < 0) return false;
    if (tag === 2) return before > 0 && together;
    if (tag === 1 && continuation[at]) return false;
    return !(before > 0 && together && continuation[at]);
  });
}

test("decodes the best of all taggings that are spans of whole words", () => {
  fc.assert(
    fc.property(cases, ({ tags, source, continuation }) => {
      const score = (at: number, tag: number) => (source[at]! < 0 ? 0 : tags[3 * at + tag]!);
      // A token's softmax takes the same from every tagging.
      const sumOf = (tagging: number[]) => tagging.reduce((total, tag, at) => total + score(at, tag), 0);
      let best = Number.NEGATIVE_INFINITY;
      for (let code = 0; code < 3 ** tokens; code++) {
        const tagging = Array.from({ length: tokens }, (_, at) => Math.floor(code / 3 ** at) % 3);
        if (isTagging(tagging, source, continuation)) best = Math.max(best, sumOf(tagging));
      }
      const decoded = decodeTags({ tags, source, continuation });
      const tagging: number[] = new Array(tokens).fill(0);
      for (const { start, end } of decoded) {
        tagging.fill(2, start, end + 1);
        tagging[start] = 1;
      }
      expect(isTagging(tagging, source, continuation)).toBe(true);
      expect(sumOf(tagging)).toBeCloseTo(best, 9);
      for (const { start, end, score: probability } of decoded) {
        const product = Array.from({ length: end - start + 1 }, (_, i) => {
          const three = [0, 1, 2].map((tag) => Math.exp(tags[3 * (start + i) + tag]!));
          return three[i === 0 ? 1 : 2]! / three.reduce((a, b) => a + b, 0);
        }).reduce((a, b) => a * b, 1);
        expect(probability).toBeCloseTo(product, 9);
      }
    }),
    { numRuns: 150, seed: 2 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { bestThreshold } from "./bestThreshold";

const question = fc.record({
  noAnswer: fc.integer({ min: -5, max: 5 }),
  answerable: fc.boolean(),
  score: fc.constantFrom(0, 0.25, 0.5, 1),
});
/** Distinct in `noAnswer`: among equal ones the official script depends on their order. */
const questions = fc.uniqueArray(question, { selector: ({ noAnswer }) => noAnswer, minLength: 1 });

test("is the best of all thresholds: those between the questions' own give nothing else", () => {
  fc.assert(
    fc.property(questions, (all) => {
      const meanAt = (threshold: number) =>
        all.reduce((sum, { noAnswer, answerable, score }) => {
          if (noAnswer <= threshold) return sum + score;
          return sum + (answerable ? 0 : 1);
        }, 0) / all.length;
      const { score, threshold } = bestThreshold(all);
      const candidates = [Number.NEGATIVE_INFINITY, ...all.map(({ noAnswer }) => noAnswer)];
      expect(score).toBeCloseTo(Math.max(...candidates.map(meanAt)), 12);
      expect(meanAt(threshold ?? Number.NEGATIVE_INFINITY)).toBeCloseTo(score, 12);
    }),
  );
});

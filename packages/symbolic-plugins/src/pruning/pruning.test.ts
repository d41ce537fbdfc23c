import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../test/failure";
import { mass } from "./mass";
import { topK } from "./topK";

const weights = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });
const probsOf = (list: number[]) => {
  const sum = list.reduce((a, b) => a + b, 0) || 1;
  return Float64Array.from(list, (weight) => weight / sum);
};
const sumOf = (probs: Float64Array, kept: Uint8Array) => probs.reduce((sum, p, i) => sum + p * kept[i]!, 0);
const countOf = (kept: Uint8Array) => kept.reduce((a, b) => a + b, 0);

test("topK keeps the k most probable, of equal ones the first", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 14 }), (list, k) => {
      const probs = probsOf(list);
      const kept = topK(k).keep(probs);
      expect(countOf(kept)).toBe(Math.min(k, list.length));
      for (const [i, in_] of kept.entries()) {
        for (const [j, other] of kept.entries()) {
          if (in_ && !other) expect(probs[i]! > probs[j]! || (probs[i] === probs[j] && i < j)).toBe(true);
        }
      }
    }),
  );
});

test("mass keeps the fewest that reach p", () => {
  fc.assert(
    fc.property(weights, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, p) => {
      const probs = probsOf(list);
      const kept = mass(p).keep(probs);
      const count = countOf(kept);
      expect(kept).toEqual(topK(count).keep(probs));
      if (list.some((weight) => weight > 0)) expect(sumOf(probs, kept)).toBeGreaterThan(p - 1e-9);
      if (count > 1) expect(sumOf(probs, topK(count - 1).keep(probs))).toBeLessThan(p);
    }),
  );
});

test("what is neither a count nor a mass is refused", () => {
  for (const k of [0, 1.5, Number.NaN]) expect(() => topK(k)).toThrow(failure("E_RANGE", "topK", String(k)));
  for (const p of [0, 1.1, Number.NaN]) expect(() => mass(p)).toThrow(failure("E_RANGE", "mass", String(p)));
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type DecodeSpansOptions, decodeSpans } from "./decodeSpans";

/** Every span, checked by the rules as they are said: the slow way. */
function bruteForce(options: DecodeSpansOptions) {
  const { start, end, source, continuation, maximumTokens, count } = options;
  const tokens = Array.from({ length: source.length }, (_, i) => i);
  return tokens
    .flatMap((s) => tokens.map((e) => ({ start: s, end: e, logProb: start[s]! + end[e]! })))
    .filter((span) => span.start <= span.end && span.end - span.start < maximumTokens)
    .filter((span) => {
      const inside = tokens.slice(span.start, span.end + 1);
      const one = inside.every((i) => source[i] === source[span.start] && source[i]! >= 0);
      const cutsAfter = source[span.end + 1] === source[span.end] && continuation[span.end + 1] === 1;
      return one && continuation[span.start] === 0 && !cutsAfter;
    })
    .sort((a, b) => b.logProb - a.logProb || a.start - b.start || a.end - b.end)
    .slice(0, count);
}

const cases = fc.integer({ min: 0, max: 9 }).chain((tokens) => {
  // Quarters, so that sums are exact and ties happen.
  const logProbs = fc.array(
    fc.integer({ min: -12, max: 0 }).map((quarters) => quarters / 4),
    { minLength: tokens, maxLength: tokens },
  );
  return fc.record({
    start: logProbs,
    end: logProbs,
    source: fc.array(fc.constantFrom(-1, 0, 0, 0, 1, 2), { minLength: tokens, maxLength: tokens }),
    continuation: fc.array(fc.constantFrom(0, 0, 1), { minLength: tokens, maxLength: tokens }),
    maximumTokens: fc.integer({ min: 1, max: 10 }),
    count: fc.integer({ min: 1, max: 6 }),
  });
});

test("the best spans equal brute force, ties included", () => {
  fc.assert(
    fc.property(cases, (options) => {
      expect(decodeSpans(options)).toEqual(bruteForce(options));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

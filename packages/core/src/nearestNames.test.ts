import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestNames } from "./nearestNames";

test("slips are found, best first; what could not be a slip is not", () => {
  expect(nearestNames("Calulator", ["comparator", "calculator", "calculators", "x"])).toEqual([
    "calculator",
    "calculators",
    "comparator",
  ]);
  expect(nearestNames("house", ["banana", "telephone"])).toEqual([]);
});

test("the same as sorting all names by their distance", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "C"), maxLength: 6 });
  fc.assert(
    fc.property(word, fc.array(word), fc.integer({ min: 1, max: 4 }), (name, known, most) => {
      const sorted = known
        .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
        .filter(({ candidate, distance }) => distance <= Math.max(2, Math.ceil(candidate.length / 2)))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, most);
      expect(nearestNames(name, known, most)).toEqual(sorted.map(({ candidate }) => candidate));
    }),
  );
});

/** Levenshtein's distance by its definition. */
function distance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  if (a[0] === b[0]) return distance(a.slice(1), b.slice(1));
  return 1 + Math.min(distance(a.slice(1), b), distance(a, b.slice(1)), distance(a.slice(1), b.slice(1)));
}

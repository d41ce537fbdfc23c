import { expect, it } from "vitest";
import { WordVectors } from "../wordVectors";
import { withUnknownWord } from "./withUnknownWord";

it("adds the mean of the last words, once", () => {
  const vectors = new WordVectors({
    words: ["a", "b", "c"],
    dimension: 2,
    values: Float32Array.of(9, 9, 1, 2, 3, 4),
  });
  const more = withUnknownWord(vectors, 2);
  expect(more.words).toEqual(["a", "b", "c", "<unk>"]);
  expect([...more.vector("<unk>")]).toEqual([2, 3]);
  expect(withUnknownWord(more)).toBe(more);
  expect(withUnknownWord(vectors).vector("<unk>")[0]).toBeCloseTo(13 / 3, 5);
});

import { expect, it } from "vitest";
import { findPhrases, withPhrases } from "./phrases";
import { textLines } from "./textLines";

const lines = Array.from(
  { length: 40 },
  (_, i) => `in new york ${"abcdefgh"[i % 8]} met ${"hgfedcba"[(i * 3) % 8]} in york`,
);

it("finds pairs by word2phrase's score", async () => {
  const [n, york, pair, words] = [40, 80, 40, 320];
  const score = ((pair - 5) / n / york) * words;
  const phrases = await findPhrases(textLines(lines), { threshold: score - 0.01 });
  expect(phrases.get("new")?.get("york")).toBeCloseTo(score, 10);
  expect((await findPhrases(textLines(lines), { threshold: score })).get("new")?.has("york")).not.toBe(true);
  expect((await findPhrases(textLines(lines), { threshold: 0.1, minCount: 41 })).size).toBe(0);
});

it("makes phrases one word, from the left, two words at most, never over a line's end", async () => {
  const phrases = new Map([
    ["a", new Map([["a", 1]])],
    ["new", new Map([["york", 1]])],
  ]);
  let text = "";
  for await (const piece of withPhrases(
    textLines(["a a a  a a", "new york", "new", "york"]),
    phrases,
  ).open()) {
    text += new TextDecoder().decode(piece);
  }
  expect(text).toBe("a_a a_a a\nnew_york\nnew\nyork\n");
});

it("refuses a threshold that makes no sense", async () => {
  await expect(findPhrases(textLines(lines), { threshold: Number.NaN })).rejects.toThrow(/threshold is NaN/);
});

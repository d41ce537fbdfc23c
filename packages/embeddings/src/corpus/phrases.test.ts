import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Corpus } from "./corpus";
import { findPhrases, withPhrases } from "./phrases";
import { textLines } from "./textLines";

const fixture = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/word2vec/${name}`, import.meta.url), "utf8");

async function textOf(corpus: Corpus): Promise<string> {
  let text = "";
  for await (const piece of corpus.open()) text += new TextDecoder().decode(piece);
  return text;
}

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

it("makes of a text what word2phrase.c makes of it", async () => {
  const corpus = textLines([fixture("corpus.txt").replaceAll("\n", " ")]);
  const phrases = await findPhrases(corpus, { threshold: 1.3, minCount: 3 });
  const ours = await textOf(withPhrases(corpus, phrases));
  expect(ours.trim()).toBe(fixture("phrases.txt").trim()); // word2phrase begins lines with a space
  expect(ours.match(/_/g)).toHaveLength(75);
});

it("stops when it is told to", async () => {
  const signal = AbortSignal.abort();
  await expect(findPhrases(textLines(lines), {}, { signal })).rejects.toThrow(/E_ABORT/);
});

it("makes phrases one word, from the left, two words at most, never over a line's end", async () => {
  const phrases = new Map([
    ["a", new Map([["a", 1]])],
    ["new", new Map([["york", 1]])],
  ]);
  const text = withPhrases(textLines(["a a a  a a", "new york", "new", "york"]), phrases);
  expect(await textOf(text)).toBe("a_a a_a a\nnew_york\nnew\nyork\n");
});

it("refuses a threshold that makes no sense", async () => {
  await expect(findPhrases(textLines(lines), { threshold: Number.NaN })).rejects.toThrow(/threshold is NaN/);
});

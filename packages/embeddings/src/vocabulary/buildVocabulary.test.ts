import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Corpus } from "../corpus/corpus";
import { textLines } from "../corpus/textLines";
import { buildVocabulary } from "./buildVocabulary";
import { wordIds } from "./wordIds";
import { WordTable } from "./wordTable";

/** A corpus of these bytes, cut into pieces of the given sizes, again and again. */
function pieces(bytes: Uint8Array, sizes: readonly number[]): Corpus {
  return {
    name: "pieces",
    async *open() {
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        yield bytes.subarray(at, at + size);
        at += size;
      }
    },
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Text of few words, so that they repeat, with all kinds of white space and letters of one to four bytes. */
const texts = fc
  .array(
    fc.tuple(
      fc.constantFrom("a", "b", "ab", "né", "日本", "x😀", "</s>", "long".repeat(20)),
      fc.constantFrom(" ", "\n", "\t", " \r\n", "  "),
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.flat().join(""));
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });

describe("buildVocabulary", () => {
  it("counts what splitting at white space counts, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, fc.integer({ min: 1, max: 4 }), async (text, cut, minCount) => {
        const counts = new Map<string, number>();
        for (const word of text.split(/\s+/).filter(Boolean)) counts.set(word, (counts.get(word) ?? 0) + 1);
        const expected = [...counts].filter(([, n]) => n >= minCount).sort((a, b) => b[1] - a[1]);
        const corpus = pieces(encode(text), cut);
        if (expected.length === 0) {
          await expect(buildVocabulary(corpus, { minCount })).rejects.toThrow(/none occurs/);
          return;
        }
        const vocabulary = await buildVocabulary(corpus, { minCount });
        expect(vocabulary.words.map((word, row) => [word, vocabulary.counts[row]])).toEqual(expected);

        const ends = await buildVocabulary(corpus, { minCount, lineEnd: true });
        expect(ends.words.slice(1)).toEqual(vocabulary.words.filter((word) => word !== "</s>"));
        const literal = (counts.get("</s>") ?? 0) >= minCount ? counts.get("</s>")! : 0;
        expect(ends.counts[0]).toBe(text.split("\n").length - 1 + literal);
      }),
    );
  });

  it("wordIds gives the rows of the same words, whole lines in a block where they fit", async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, fc.integer({ min: 1, max: 30 }), async (any, cut, capacity) => {
        const text = any.replaceAll("</s>", "s");
        const corpus = pieces(encode(text), cut);
        const vocabulary = await buildVocabulary(corpus, { minCount: 2 }).catch(() => undefined);
        if (vocabulary === undefined) return;
        const ids: number[] = [];
        for await (const block of wordIds(corpus, vocabulary, { capacity })) {
          expect(block.length).toBeLessThanOrEqual(capacity);
          ids.push(...block);
        }
        const lines = text
          .split("\n")
          .map((line) => line.split(/\s+/).filter((word) => vocabulary.words.includes(word)));
        const expected = lines.flatMap((line, i) => [
          ...line.map((word) => vocabulary.words.indexOf(word)),
          ...(i + 1 < lines.length ? [-1] : []),
        ]);
        expect(ids).toEqual(expected);
        const rest: number[] = [];
        const skip = Math.min(3, vocabulary.total);
        for await (const block of wordIds(corpus, vocabulary, { capacity, skip })) rest.push(...block);
        expect(rest.filter((id) => id >= 0)).toEqual(ids.filter((id) => id >= 0).slice(skip));
      }),
    );
  });

  it("keeps the most frequent words", async () => {
    const { words } = await buildVocabulary(textLines(["c b a b a a d d d d"]), { minCount: 1, maxWords: 2 });
    expect(words).toEqual(["d", "a"]);
  });

  it("with a limit, drops the rarest while counting", async () => {
    const rare = Array.from({ length: 5000 }, (_, i) => `often rare${i}`);
    const { words, counts } = await buildVocabulary(textLines(rare), { minCount: 1, maxUnique: 100 });
    expect(words[0]).toBe("often");
    expect(counts[0]).toBe(5000);
    expect(words.length).toBeLessThanOrEqual(100);
  });

  it("a table that grows far loses nothing", async () => {
    const words = Array.from({ length: 200_000 }, (_, i) => `word${i}`);
    const vocabulary = await buildVocabulary(textLines([words, words]), { minCount: 2 });
    expect(vocabulary.size).toBe(200_000);
    expect(vocabulary.words[123_456]).toBe("word123456");
    expect(vocabulary.counts.every((count) => count === 2)).toBe(true);
  });

  it("cuts a word without end on the border of a character, in constant memory", async () => {
    const word = encode("é".repeat(1 << 20));
    const corpus: Corpus = {
      name: "one word",
      async *open() {
        for (let i = 0; i < 8; i++) yield word;
        yield encode(" end end");
      },
    };
    const { words } = await buildVocabulary(corpus, { minCount: 1 });
    expect(words).toEqual(["end", "é".repeat(500)]);
  });

  it("refuses bytes that are no UTF-8, and a byte 0", async () => {
    const latin1 = pieces(Uint8Array.of(0xe9, 0x74, 0xe9, 32, 97), [2]);
    await expect(buildVocabulary(latin1, { minCount: 1 })).rejects.toThrow(/no valid UTF-8[\s\S]*iconv/);
    const zero = pieces(encode("some text\0more"), [4]);
    await expect(buildVocabulary(zero, { minCount: 1 })).rejects.toThrow(/byte 0, at byte 9/);
  });
});

it("dropping rare words forgets those counted at most so many times, and keeps the counts of others", () => {
  const table = new WordTable();
  table.count(new TextEncoder().encode("a a a b b c "), true);
  table.dropRare(1);
  const decoder = new TextDecoder();
  const left = () => [...table.entries(1)].map(({ bytes, count }) => [decoder.decode(bytes.slice()), count]);
  expect(left()).toEqual([
    ["a", 3],
    ["b", 2],
  ]);
  table.count(new TextEncoder().encode("b c"), true);
  expect(left()).toEqual([
    ["a", 3],
    ["b", 3],
    ["c", 1],
  ]);
  expect(table.words).toBe(8);
});

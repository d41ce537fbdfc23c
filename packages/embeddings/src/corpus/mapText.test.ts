import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Corpus } from "./corpus";
import { lowerCased, mapText, tokenized } from "./mapText";

function bytes(content: Uint8Array, size: number): Corpus {
  return {
    name: "bytes",
    async *open() {
      for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
    },
  };
}

async function read(corpus: Corpus): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of corpus.open()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("mapText", () => {
  it("sees the same text however the bytes are cut", async () => {
    const text = fc.string({ unit: fc.constantFrom("A", "É", "日", "😀", "\n", " ") });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (content, size) => {
        const corpus = bytes(new TextEncoder().encode(content), size);
        expect(await read(mapText(corpus, (part) => part))).toBe(content);
        expect(await read(lowerCased(corpus))).toBe(content.toLowerCase());
      }),
    );
  });

  it("cuts a line that does not end, at white space where there is some", async () => {
    const parts: string[] = [];
    const words = "word ".repeat(1_000_000);
    const corpus = bytes(new TextEncoder().encode(words), 1 << 16);
    const same = mapText(corpus, (part) => {
      parts.push(part);
      return part;
    });
    expect((await read(same)) === words).toBe(true);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every((part) => part.endsWith(" "))).toBe(true);
  });

  it("refuses or replaces bytes that are not UTF-8", async () => {
    const corpus = bytes(Uint8Array.of(97, 0xff, 98), 2);
    await expect(read(mapText(corpus, (part) => part))).rejects.toThrow(/bytes is no valid UTF-8/);
    expect(await read(mapText(corpus, (part) => part, { unicodeErrors: "replace" }))).toBe("a\ufffdb");
  });
});

describe("tokenized", () => {
  it("takes the words that a function finds in each line", async () => {
    const corpus = bytes(new TextEncoder().encode("don't stop\n\nnow"), 3);
    expect(await read(tokenized(corpus, (line) => line.match(/\w+/g) ?? []))).toBe("don t stop\n\nnow");
  });

  it("refuses a word with white space, and an empty one", async () => {
    const corpus = bytes(new TextEncoder().encode("new york"), 9);
    await expect(read(tokenized(corpus, (line) => [line]))).rejects.toThrow(/gave "new york"/);
    await expect(read(tokenized(corpus, () => [""]))).rejects.toThrow(/gave ""/);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Vocabulary } from "./vocabulary";
import { loadVocabulary, saveVocabulary } from "./vocabularyFile";

const folder = mkdtempSync(join(tmpdir(), "symgrad-vocabulary-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "vocabulary.txt");

describe("vocabulary files", () => {
  it("hold a word and its count on each line, and come back", async () => {
    const vocabulary = new Vocabulary(["</s>", "naïve", "x"], [3, 12_345_678_901, 1]);
    await saveVocabulary(vocabulary, path);
    expect(readFileSync(path, "utf8")).toBe("</s> 3\nnaïve 12345678901\nx 1\n");
    expect(await loadVocabulary(path)).toEqual(vocabulary);
  });

  it.each([
    ["a 3\nb\n", /"b", wanted a word and its count[\s\S]*line 2/],
    ["a -3\n", /"a -3"/],
    ["a b 3\n", /"a b 3"/],
    ["a 3\na 2\n", /"a" stands twice, again in row 1/],
    ["", /holds no words/],
    [Uint8Array.of(0xff, 32, 49, 10), /no valid UTF-8/],
  ])("refuses %j", async (content, sentence) => {
    writeFileSync(path, content);
    await expect(loadVocabulary(path)).rejects.toThrow(sentence);
  });
});

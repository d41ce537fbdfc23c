import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { textFiles } from "../corpus/textFiles";
import { textLines } from "../corpus/textLines";
import { buildVocabulary } from "../vocabulary/buildVocabulary";
import { loadVocabulary } from "../vocabulary/vocabularyFile";
import { openCooccurrences, saveCooccurrences } from "./cooccurrenceFile";
import type { Cooccurrences } from "./cooccurrences";
import { countCooccurrences } from "./countCooccurrences";
import { plainCooccurrences } from "./testing/plainGloVe";

const folder = mkdtempSync(join(tmpdir(), "symgrad-cooccurrences-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Weights by "word context", rows from 0 on. */
async function read(cooccurrences: Cooccurrences): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const piece of cooccurrences.records()) {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
    for (let at = 0; at < piece.length; at += 16) {
      const name = `${view.getInt32(at, true) - 1} ${view.getInt32(at + 4, true) - 1}`;
      if (found.has(name)) throw new Error(`the pair ${name} comes twice`);
      found.set(name, view.getFloat64(at + 8, true));
    }
  }
  expect(found.size).toBe(cooccurrences.count);
  return found;
}

/** Maps of many numbers, which must be equal to the last bit. */
function expectEqual(found: Map<string, number>, expected: Map<string, number>): void {
  expect(found.size).toBe(expected.size);
  expect([...expected].filter(([name, weight]) => found.get(name) !== weight)).toEqual([]);
}

function expectSame(found: Map<string, number>, expected: Map<string, number>): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, weight] of expected) expect(found.get(name)! / weight).toBeCloseTo(1, 6);
}

/** Text of many different pairs. */
const many = Array.from({ length: 150 }, (_, line) =>
  Array.from({ length: 60 }, (_, at) => `w${(line * line * 7 + at * at * (line + 3)) % 977}`),
);

describe("countCooccurrences", () => {
  it("counts what the plain algorithm counts", async () => {
    const lines = fc.array(fc.array(fc.constantFrom("a", "b", "c", "d", "rare"), { maxLength: 12 }), {
      maxLength: 12,
    });
    const settings = fc.record({
      windowSize: fc.integer({ min: 1, max: 6 }),
      symmetric: fc.boolean(),
      weighted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(lines, settings, async (text, options) => {
        const vocabulary = await buildVocabulary(textLines(text), { minCount: 2 }).catch(() => undefined);
        if (vocabulary === undefined) return;
        const rows = text.map((line) =>
          line.map((word) => vocabulary.words.indexOf(word)).filter((row) => row >= 0),
        );
        const { weighted: distanceWeighting, ...rest } = options;
        const found = await countCooccurrences(textLines(text), vocabulary, { ...rest, distanceWeighting });
        expectSame(await read(found), plainCooccurrences(rows, options));
      }),
    );
  });

  it("counts what GloVe's cooccur counts", async () => {
    // See the script beside these files.
    const fixture = (name: string) =>
      fileURLToPath(new URL(`../../../../fixtures/word2vec/${name}`, import.meta.url));
    const golden = await openCooccurrences(fixture("cooccurrence.bin"));
    const vocabulary = await loadVocabulary(fixture("glove-vocabulary.txt"));
    expect(golden.count).toBeGreaterThan(100);
    const found = await countCooccurrences(textFiles(fixture("corpus.txt")), vocabulary, { windowSize: 4 });
    expectSame(await read(found), await read(golden));
  });

  it("gives the same numbers when pairs go over disk, and removes the files", async () => {
    const corpus = textLines(many);
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    const whole = await read(await countCooccurrences(corpus, vocabulary));
    const spilled = await countCooccurrences(corpus, vocabulary, { memory: 2 ** 20, folder });
    expect(whole.size).toBeGreaterThan(2 * 2 ** 15); // more than the table of 2^15 slots holds
    expect(readdirSync(folder)).toHaveLength(1);
    expectEqual(await read(spilled), whole);
    expectEqual(await read(spilled), whole);
    await spilled.dispose();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("shards give, together, exactly what one run gives", async () => {
    // One line, longer than the blocks that shards divide: pairs that cross from one block to the next count once.
    const line = Array.from({ length: 300_000 }, (_, i) => `w${(i * i + (i >> 3)) % 31}`);
    const corpus = textLines([line, ["w1", "w2"]]);
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    const whole = await read(await countCooccurrences(corpus, vocabulary));
    const sums = new Map<string, number>();
    for (let index = 0; index < 3; index++) {
      const part = await read(await countCooccurrences(corpus, vocabulary, { shard: { index, count: 3 } }));
      for (const [name, weight] of part) sums.set(name, (sums.get(name) ?? 0) + weight);
    }
    expectEqual(sums, whole);
  });

  it("files of records come back", async () => {
    const corpus = textLines(many.slice(0, 20));
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    const counted = await countCooccurrences(corpus, vocabulary, { symmetric: false });
    const path = join(folder, "cooccurrence.bin");
    await saveCooccurrences(counted, path);
    expect(readFileSync(path).length).toBe(counted.count * 16);
    expectEqual(await read(await openCooccurrences(path)), await read(counted));
    writeFileSync(path, new Uint8Array(40));
    await expect(openCooccurrences(path)).rejects.toThrow(/40 bytes, which is no whole number of records/);
    await expect(openCooccurrences(join(folder, "missing"))).rejects.toThrow(/E_FILE/);
    rmSync(path);
  });

  it.each([
    [{ windowSize: 0 }, /windowSize is 0/],
    [{ memory: 10 }, /memory is 10 bytes/],
    [{ shard: { index: 2, count: 2 } }, /shard.index is 2, wanted a whole number from 0 to 1/],
  ])("refuses %j", async (options, sentence) => {
    const corpus = textLines(["a b"]);
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    await expect(countCooccurrences(corpus, vocabulary, options)).rejects.toThrow(sentence);
  });

  it("an abort leaves nothing behind", async () => {
    const corpus = textLines(many);
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    const counted = countCooccurrences(
      corpus,
      vocabulary,
      { memory: 2 ** 20, folder },
      { signal: AbortSignal.abort() },
    );
    await expect(counted).rejects.toThrow(/E_ABORT/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

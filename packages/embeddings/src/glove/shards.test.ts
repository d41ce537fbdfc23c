import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { textLines } from "../corpus/textLines";
import { buildVocabulary } from "../vocabulary/buildVocabulary";
import type { Cooccurrences } from "./cooccurrences";
import { countCooccurrences } from "./countCooccurrences";
import { mergeShards, saveShard } from "./shards";

const folder = mkdtempSync(join(tmpdir(), "symgrad-shards-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** All records, sorted. */
async function sorted(cooccurrences: Cooccurrences): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of cooccurrences.records()) {
    for (let at = 0; at < piece.length; at += 16)
      found.push(Buffer.from(piece.subarray(at, at + 16)).toString("hex"));
  }
  expect(found.length).toBe(cooccurrences.count);
  return found.sort();
}

it("two shards, added up by DuckDB, are one run, bit by bit", async () => {
  const line = Array.from({ length: 150_000 }, (_, i) => `w${(i * i + (i >> 3)) % 131}`);
  const corpus = textLines([line, ["w1", "w2"]]);
  const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
  const paths = [0, 1].map((index) => join(folder, `it's part ${index}.parquet`));
  for (const [index, path] of paths.entries()) {
    await saveShard(await countCooccurrences(corpus, vocabulary, { shard: { index, count: 2 } }), path);
  }
  expect(readdirSync(folder)).toHaveLength(2);
  const merged = await mergeShards(paths, { folder });
  const whole = await sorted(await countCooccurrences(corpus, vocabulary));
  expect(whole.length).toBeGreaterThan(3000);
  expect(await sorted(merged)).toEqual(whole);
  await merged.dispose();
  expect(readdirSync(folder)).toHaveLength(2);
});

it.skipIf(!existsSync("/dev/full"))("says that the disk is full", async () => {
  const corpus = textLines(["a b c"]);
  const pairs = await countCooccurrences(corpus, await buildVocabulary(corpus, { minCount: 1 }));
  const path = join(folder, "full.parquet");
  symlinkSync("/dev/full", `${path}.tmp-${process.pid}`); // the name under which the file is written
  await expect(saveShard(pairs, path)).rejects.toThrow(/E_DISK .*full.parquet cannot be written/);
  expect(existsSync(path)).toBe(false);
});

it("refuses what is no shard, and leaves nothing behind", async () => {
  const path = join(folder, "other.parquet");
  writeFileSync(path, "hello");
  await expect(mergeShards([path], { folder })).rejects.toThrow(
    /E_FILE the shards .*other.parquet[\s\S]*--shard i\/n/,
  );
  await expect(mergeShards([])).rejects.toThrow(/no shards/);
  rmSync(path);
  expect(readdirSync(folder).filter((name) => name.startsWith("symgrad"))).toEqual([]);
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { key, normal } from "@symgrad/core";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadWordVectors } from "../formats/loadWordVectors";
import { WordVectors } from "../wordVectors";
import { analogy } from "./analogy";
import { ApproximateSearch } from "./approximateSearch";
import { createSearch } from "./createSearch";
import { ExactSearch } from "./exactSearch";
import { neighbors } from "./neighbors";
import { similarity } from "./similarity";
import { topRows } from "./topRows";

const folder = mkdtempSync(join(tmpdir(), "symgrad-search-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/embeddings/${name}`, import.meta.url));
type Found = [string, number][];
const golden = JSON.parse(readFileSync(fixture("golden.json"), "utf8")) as {
  neighbors: Record<string, Found>;
  analogies: { positive: string[]; negative: string[]; "3CosAdd": Found; "3CosMul": Found }[];
  similarity: [string, string, number][];
};
const vectors = await loadWordVectors(fixture("gensim.bin"));
const both = [
  ["exact", await createSearch(vectors)],
  ["approximate", await createSearch(vectors, { search: "approximate" })],
] as const;

const expectFound = (result: ReturnType<typeof neighbors>, wanted: Found) => {
  expect(result.neighbors.map(({ word }) => word)).toEqual(wanted.map(([word]) => word));
  for (const [i, { score }] of result.neighbors.entries()) expect(score).toBeCloseTo(wanted[i]![1], 5);
};

describe.each(both)("%s search, as gensim", (name, search) => {
  test.each(Object.entries(golden.neighbors))("neighbors of %s", (word, wanted) => {
    const result = neighbors(search, word, { count: 5 });
    expect(result.search).toBe(name);
    expectFound(result, wanted);
  });

  test.each(golden.analogies)("analogy $positive less $negative", (question) => {
    for (const method of ["3CosAdd", "3CosMul"] as const) {
      const result = analogy(search, question, { method, count: 5 });
      expect(result.search).toBe(name);
      expectFound(result, question[method]);
    }
  });

  test("only the first words are answers on demand", () => {
    const all = neighbors(search, "oslo", { count: vectors.size });
    expect(all.neighbors).toHaveLength(vectors.size - 1);
    const early = new Set(vectors.words.slice(0, 8));
    const some = neighbors(search, "oslo", { count: vectors.size, among: 8 });
    expect(some.neighbors).toEqual(all.neighbors.filter(({ word }) => early.has(word)));
  });

  test("unknown words name near ones; vectors without a direction are refused", () => {
    expect(() => neighbors(search, "oslow")).toThrow(/E_WORD "oslow"[\s\S]*oslo/);
    expect(() => analogy(search, { positive: ["oslo"], negative: ["parys"] })).toThrow(/"parys"[\s\S]*paris/);
    expect(() => analogy(search, { positive: [], negative: ["oslo"] })).toThrow(/E_RANGE .*positive/);
    expect(() => neighbors(search, new Float32Array(24))).toThrow(/E_RANGE .*no direction/);
    expect(() => neighbors(search, new Float32Array(23))).toThrow(/E_SHAPE .*23 numbers, wanted 24/);
  });
});

test.each(golden.similarity)("similarity of %s and %s, as gensim", (a, b, wanted) => {
  expect(similarity(vectors, a, b)).toBeCloseTo(wanted, 6);
});

test("the best rows are those that sorting finds", () => {
  const scores = fc.array(fc.integer({ min: -3, max: 3 })).map((values) => Float32Array.from(values));
  fc.assert(
    fc.property(scores, fc.nat(6), fc.uniqueArray(fc.nat(9)), (values, count, exclude) => {
      const sorted = [...values]
        .map((score, row) => ({ row, similarity: score }))
        .filter(({ row }) => !exclude.includes(row))
        .sort((a, b) => b.similarity - a.similarity || a.row - b.row);
      expect(topRows(values, count, new Set(exclude))).toEqual(sorted.slice(0, count));
    }),
  );
});

/** Words in clusters, as those of a language are. */
function clusters(size: number, dimension: number, seed: number): WordVectors {
  const centers = 40;
  const noise = normal(key(seed), [size + centers, dimension]).dataSync() as Float32Array;
  const values = new Float32Array(size * dimension);
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / dimension);
    values[i] = noise[i]! + 0.2 * noise[(size + ((row * 7) % centers)) * dimension + (i % dimension)]!;
  }
  return new WordVectors({ words: Array.from({ length: size }, (_, i) => `w${i}`), dimension, values });
}

test("exact search is the cosine, whatever the dimension and the vectors' lengths", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 41 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(),
      (dimension, size, seed) => {
        const table = clusters(size, dimension, seed);
        for (let row = 0; row < size; row += 3) {
          const scale = 10 ** ((row % 13) - 6);
          table.values.subarray(row * dimension, (row + 1) * dimension).forEach((value, i, all) => {
            all[i] = value * scale;
          });
        }
        if (size > 2) table.values.fill(0, dimension, 2 * dimension);
        const found = new ExactSearch(table).similarities(table.vector("w0"));
        for (let row = 0; row < size; row++)
          expect(found[row]).toBeCloseTo(similarity(table, "w0", `w${row}`), 5);
      },
    ),
    { numRuns: 40 },
  );
});

describe("approximate search", () => {
  const table = clusters(3000, 50, 1);
  const exact = new ExactSearch(table);
  const recall = (search: ApproximateSearch) => {
    let hits = 0;
    for (let row = 0; row < 3000; row += 30) {
      const options = { count: 10, exclude: new Set([row]) };
      const query = table.vector(`w${row}`);
      const wanted = new Set(exact.nearest(query, options).map((match) => match.row));
      hits += search.nearest(query, options).filter((match) => wanted.has(match.row)).length;
    }
    return hits / 1000;
  };

  test("finds nearly all of the nearest ten; more of them when it looks further", async () => {
    expect(recall(await ApproximateSearch.build(table))).toBeGreaterThan(0.99);
    const poor = await ApproximateSearch.build(table, { links: 4, buildBreadth: 20, breadth: 1 });
    const narrow = recall(poor);
    poor.breadth = 400;
    expect(recall(poor)).toBeGreaterThan(narrow + 0.02);
    expect(narrow).toBeGreaterThan(0.2);
  });

  test("the same key gives the same graph, which can be saved, and read for these vectors only", async () => {
    const done: number[] = [];
    const first = await ApproximateSearch.build(table, {
      key: key(3),
      onProgress: (rows) => done.push(rows),
    });
    expect(done.at(-1)).toBe(3000);
    const [a, b] = [join(folder, "a.hnsw"), join(folder, "b.hnsw")];
    await first.save(a);
    await (await ApproximateSearch.build(table, { key: key(3) })).save(b);
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
    const loaded = await ApproximateSearch.load(table, a);
    const query = table.vector("w17");
    expect(loaded.nearest(query, { count: 10 })).toEqual(first.nearest(query, { count: 10 }));
    await expect(ApproximateSearch.load(clusters(3000, 50, 2), a)).rejects.toThrow(
      /belongs to other vectors/,
    );
    const other = join(folder, "model.safetensors");
    const { saveWordVectors } = await import("../formats/saveWordVectors");
    await saveWordVectors(table, other);
    await expect(ApproximateSearch.load(table, other)).rejects.toThrow(/E_FORMAT .*no search index/);
  });

  test("wrong options are refused, and building can be stopped", async () => {
    const build = (options: object) => ApproximateSearch.build(table, options);
    await expect(build({ links: 1 })).rejects.toThrow(/E_RANGE links is 1, wanted .* from 2 to 64/);
    await expect(build({ breadth: 0 })).rejects.toThrow(/E_RANGE breadth is 0/);
    await expect(build({ signal: AbortSignal.abort() })).rejects.toThrow(/E_ABORT stopped after \d+ of 3000/);
  });
});

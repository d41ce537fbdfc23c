import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/embeddings/${name}`, import.meta.url));
const vectors = fixture("gensim.bin");
const golden = JSON.parse(readFileSync(fixture("golden.json"), "utf8"));
const embed = (...args: string[]) => symgrad(["embed", ...args]);
const json = async (...args: string[]) => {
  const { status, stdout, stderr } = await embed(...args, "--json");
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return JSON.parse(stdout);
};

test("eval: similarity and analogies, as gensim scores them", async () => {
  const sets = ["--set", fixture("pairs.txt"), "--set", fixture("questions.txt")];
  const { rows } = await json("eval", vectors, ...sets);
  expect(rows[0]).toEqual({
    set: "pairs",
    kind: "similarity",
    score: expect.closeTo(100 * golden.pairs.spearman, 6),
    covered: 10,
    total: 11,
  });
  expect(rows[1]).toEqual({ set: "questions", kind: "analogy", score: 68, covered: 50, total: 51 });
  const told = await embed("eval", vectors, ...sets);
  expect(told.stdout).toMatch(
    /pairs +66\.1 +Spearman x 100 +10 of 11\nquestions +68\.0 +% right +50 of 51\n/,
  );
});

test("eval without sets takes those of SYMGRAD_DATA, or says what to name", async () => {
  const home = join(folder, "data");
  mkdirSync(join(home, "embeddings"), { recursive: true });
  writeFileSync(join(home, "embeddings", "EN-TINY.txt"), "car\tcars\t9\ncar\toslo\t1\n");
  const known = await symgrad(["embed", "eval", vectors, "--json"], { env: { SYMGRAD_DATA: home } });
  expect(JSON.parse(known.stdout).rows).toMatchObject([{ set: "EN-TINY", covered: 2, total: 2 }]);
  const none = await symgrad(["embed", "eval", vectors], { env: { SYMGRAD_DATA: "" } });
  expect(none.status).toBe(2);
  expect(none.stderr).toMatch(/E_USAGE no evaluation set is named[\s\S]*--set/);
});

describe("near words", () => {
  test("neighbors of several words, exact and by a kept graph", async () => {
    const exact = await json("neighbors", vectors, "oslo", "tiny", "--count", "5");
    expect(exact.rows.map(({ word, search }: { word: string; search: string }) => [word, search])).toEqual([
      ["oslo", "exact"],
      ["tiny", "exact"],
    ]);
    const words = (row: { neighbors: { word: string }[] }) => row.neighbors.map(({ word }) => word);
    expect(words(exact.rows[0])).toEqual(golden.neighbors.oslo.map(([word]: [string]) => word));
    const index = join(folder, "words.hnsw");
    const built = await json("neighbors", vectors, "oslo", "--count", "5", "--index", index);
    const read = await json("neighbors", vectors, "oslo", "--count", "5", "--index", index);
    expect(built.rows[0].search).toBe("approximate");
    expect(words(built.rows[0])).toEqual(words(exact.rows[0]));
    expect(read).toEqual(built);
    const other = await embed("neighbors", vectors, "oslo", "--limit", "20", "--index", index);
    expect(other.stderr).toMatch(/E_FORMAT the index belongs to other vectors/);
  });

  test("analogy and similarity", async () => {
    const [, { "3CosMul": wanted }] = golden.analogies;
    const answer = await json(
      "analogy",
      vectors,
      "car",
      "cars",
      "dog",
      "--method",
      "3CosMul",
      "--count",
      "5",
    );
    expect(answer).toMatchObject({ method: "3CosMul", search: "exact" });
    expect(answer.neighbors[0]).toEqual({ word: wanted[0][0], score: expect.closeTo(wanted[0][1], 4) });
    const told = await embed("analogy", vectors, "athens", "greece", "oslo");
    expect(told.stdout).toMatch(/^norway +0\.\d{4}\n[\s\S]*\(exact search\)\n$/);
    const [a, b, similarity] = golden.similarity[0];
    expect(await json("similarity", vectors, a, b)).toEqual({
      a,
      b,
      similarity: expect.closeTo(similarity, 5),
    });
  });

  test.each([
    [["neighbors", vectors, "oslow"], /E_WORD "oslow"[\s\S]*oslo/],
    [["similarity", vectors, "car"], /E_USAGE missing required argument 'b'/],
    [["neighbors", join(folder, "none.bin"), "a"], /E_FILE .*no such file/],
    [["eval", vectors, "--set", vectors], /E_FORMAT/],
    [["neighbors", vectors, "oslo", "--format", "csv"], /E_USAGE .*word2vec-text/],
  ])("%j is the user's mistake", async (args, message) => {
    const { status, stdout, stderr } = await embed(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

test("map: one page, the same for the same seed", async () => {
  const [first, second] = [join(folder, "map.html"), join(folder, "again.html")];
  expect(await json("map", vectors, "--out", first, "--top", "20", "--seed", "3")).toEqual({
    file: first,
    words: 20,
  });
  await json("map", vectors, "--out", second, "--top", "20", "--seed", "3");
  const page = readFileSync(first, "utf8");
  expect(readFileSync(second, "utf8")).toBe(page);
  expect(page).toMatch(/<title>gensim\.bin<[\s\S]*"naïveté"/);
  const words = ["--words", "oslo", "日本", "trees"];
  expect(await json("map", vectors, "--out", first, ...words)).toEqual({ file: first, words: 3 });
  const unknown = await embed("map", vectors, "--out", join(folder, "no.html"), "--words", "oslow");
  expect(unknown.stderr).toMatch(/E_WORD "oslow"/);
  expect(existsSync(join(folder, "no.html"))).toBe(false);
});

describe("convert", () => {
  test("through every form and back: the same bytes", async () => {
    const steps = ["a.txt.gz", "b.glove", "c/c.safetensors", "d/vectors.tsv", "e.bin"];
    let from = vectors;
    for (const name of steps) {
      const to = join(folder, name);
      mkdirSync(join(to, ".."), { recursive: true });
      const form = name === "b.glove" ? ["--to", "glove"] : [];
      expect(await json("convert", from, to, ...form)).toEqual({ file: to, words: 33, dimension: 24 });
      from = to;
    }
    await json("convert", vectors, join(folder, "straight.bin"));
    expect(readFileSync(from)).toEqual(readFileSync(join(folder, "straight.bin")));
  });

  test("a cut file is refused with its byte, and nothing is written", async () => {
    const cut = join(folder, "cut.bin");
    writeFileSync(cut, readFileSync(vectors).subarray(0, 1000));
    const before = readdirSync(folder);
    const { status, stderr } = await embed("convert", cut, join(folder, "never.txt"));
    expect(status).toBe(2);
    expect(stderr).toMatch(/E_FORMAT the header says 33 words[\s\S]*line 1/);
    expect(readdirSync(folder)).toEqual(before);
    expect(existsSync(join(folder, "never.txt"))).toBe(false);
  });

  test("bytes that are not UTF-8 are mended on demand", async () => {
    const file = join(folder, "latin.txt");
    writeFileSync(file, Buffer.from("1 2\ncaf\xe9 1 2\n", "latin1"));
    expect((await embed("convert", file, join(folder, "x.txt"))).stderr).toMatch(
      /line 2[\s\S]*--unicode-errors/,
    );
    await json("convert", file, join(folder, "x.txt"), "--unicode-errors", "replace");
    expect(readFileSync(join(folder, "x.txt"), "utf8")).toBe("1 2\ncaf\ufffd 1 2\n");
  });
});

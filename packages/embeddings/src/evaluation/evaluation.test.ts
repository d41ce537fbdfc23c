import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadWordVectors } from "../formats/loadWordVectors";
import { analogy } from "../search/analogy";
import { ExactSearch } from "../search/exactSearch";
import { WordVectors } from "../wordVectors";
import { evaluateAnalogies } from "./evaluateAnalogies";
import { evaluateSimilarity } from "./evaluateSimilarity";
import { evaluateWordVectors } from "./evaluateWordVectors";
import { readEvaluationSet } from "./readEvaluationSet";
import { averageRanks, spearman } from "./spearman";

const folder = mkdtempSync(join(tmpdir(), "symgrad-evaluation-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/embeddings/${name}`, import.meta.url));
const golden = JSON.parse(readFileSync(fixture("golden.json"), "utf8")) as {
  pairs: { spearman: number };
  questions: { sections: Record<string, { correct: number; total: number }> };
};
const vectors = await loadWordVectors(fixture("gensim.bin"));
const read = (content: string | Uint8Array) => {
  const file = join(folder, "set.txt");
  writeFileSync(file, content);
  return readEvaluationSet(file);
};

test("pairs and analogies are scored as gensim scores them", async () => {
  const rows = await evaluateWordVectors(vectors, [fixture("pairs.txt"), fixture("questions.txt")]);
  const { "capital-common": capital, "gram8-plural": plural } = golden.questions.sections;
  const percent = ({ correct, total }: { correct: number; total: number }) => (100 * correct) / total;
  expect(rows).toEqual([
    {
      set: "pairs",
      kind: "similarity",
      score: expect.closeTo(100 * golden.pairs.spearman, 8),
      covered: 10,
      total: 11,
    },
    { set: "questions", kind: "analogy", score: 68, covered: 50, total: 51 },
    { set: "questions (semantic)", kind: "analogy", score: percent(capital!), covered: 30, total: 30 },
    { set: "questions (syntactic)", kind: "analogy", score: percent(plural!), covered: 20, total: 21 },
  ]);
});

test("an analogy is right where `analogy` gives the answer first", async () => {
  const set = await readEvaluationSet(fixture("questions.txt"));
  if (set.kind !== "analogy") throw new Error("the questions are analogies");
  const search = new ExactSearch(vectors);
  for (const { title, questions } of set.sections) {
    for (const question of questions) {
      const [a, b, c, d] = question.map((word) => word.toLowerCase()) as [string, string, string, string];
      if (!vectors.has(d)) continue;
      const best = analogy(search, { positive: [b, c], negative: [a] }, { count: 1 }).neighbors[0]!.word;
      const { all } = evaluateAnalogies(vectors, [{ title, questions: [question] }]);
      expect(all).toEqual({ score: best === d ? 100 : 0, covered: 1, total: 1 });
    }
  }
});

describe("upper and lower case", () => {
  const cased = new WordVectors({
    words: ["Rome", "rome", "ITALY", "oslo", "Oslo", "norway"],
    dimension: 2,
    values: Float32Array.of(1, 0, 0.99, 0.01, 1, 1, 0, -1, 0, 1, 0.1, 1),
  });

  test("a word stands for its first form", () => {
    const pairs = [
      { words: ["rome", "italy"] as const, score: 1 },
      { words: ["ROME", "oslo"] as const, score: 2 },
      { words: ["rome", "Norway"] as const, score: 0 },
    ];
    // Cosines 0.707, 0, 0.0995 for the scores 1, 2, 0.
    expect(evaluateSimilarity(cased, pairs)).toEqual({ score: expect.closeTo(-50, 8), covered: 3, total: 3 });
  });

  test("no form of a question's word is its answer", () => {
    const ask = (...question: [string, string, string, string]) =>
      evaluateAnalogies(cased, [{ title: "", questions: [question] }]).all.score;
    // Nearest to oslo - oslo + rome is "rome", but that is a form of "Rome", which is asked.
    expect(ask("oslo", "oslo", "rome", "italy")).toBe(100);
    expect(ask("oslo", "oslo", "rome", "norway")).toBe(0);
  });
});

test("only the first words are asked and answered", () => {
  const sections = [{ title: "", questions: [["athens", "greece", "paris", "france"] as const] }];
  expect(evaluateAnalogies(vectors, sections, { among: 3 }).all).toEqual({
    score: null,
    covered: 0,
    total: 1,
  });
  expect(evaluateAnalogies(vectors, sections, { among: 4 }).all).toEqual({
    score: 100,
    covered: 1,
    total: 1,
  });
});

describe("ranks", () => {
  test("equal values share their average rank; the correlation is scipy's", () => {
    expect(averageRanks([3, 1, 3, 2, 3])).toEqual([4, 1, 4, 2, 4]);
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 3, 3, 9]).statistic
    expect(spearman([1, 2, 2, 4, 5], [2, 1, 3, 3, 9])).toBeCloseTo(0.7631578947368421, 12);
    expect(spearman([1], [2])).toBeNaN();
    expect(spearman([1, 1], [2, 3])).toBeNaN();
  });

  test("a growing function of the values changes nothing; a falling one turns the sign", () => {
    const value = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 3 }), (values) => {
        const [a, b] = [values.map(([x]) => x), values.map(([, y]) => y)];
        const correlation = spearman(a, b);
        fc.pre(!Number.isNaN(correlation));
        const cubes = a.map((x) => x ** 3);
        expect(spearman(cubes, b)).toBeCloseTo(correlation, 10);
        const turned = a.map((x) => -x);
        expect(spearman(turned, b)).toBeCloseTo(-correlation, 10);
        expect(Math.abs(correlation)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

test("analogies are among the first 30,000 words, and syntactic where the title starts with gram", () => {
  const size = 30_001;
  const words = Array.from({ length: size }, (_, i) => `w${i}`);
  const values = Float32Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
  const vectors = new WordVectors({ words, dimension: 2, values });
  const { semantic, syntactic } = evaluateAnalogies(vectors, [
    { title: "programs", questions: [["w0", "w1", "w2", "w29999"]] },
    { title: "gram3", questions: [["w0", "w1", "w2", "w30000"]] },
  ]);
  expect(semantic).toMatchObject({ covered: 1, total: 1 });
  expect(syntactic).toMatchObject({ covered: 0, total: 1 });
});

describe("evaluation sets", () => {
  test("Windows line ends, comments and empty lines", async () => {
    expect(await read("# who\r\n\r\ntake\tremove\t6.81\r\n")).toEqual({
      name: "set",
      kind: "similarity",
      pairs: [{ words: ["take", "remove"], score: 6.81 }],
    });
    expect(await read("a b c d\n: more\ne f g h")).toMatchObject({
      kind: "analogy",
      sections: [{ title: "" }, { title: "more" }],
    });
  });

  test.each([
    ["nothing", "", /E_FORMAT the evaluation set is empty/],
    ["a score that is none", "a\tb\t1\na\tb\thigh\n", /"w1 TAB w2 TAB score"[\s\S]*line 2/],
    ["three words", ": x\na b c\n", /four words[\s\S]*line 2/],
    ["both kinds", "a\tb\t1\na b c d\n", /one of both kinds/],
    ["bytes that are not UTF-8", Buffer.of(0xe9, 0x0a), /not UTF-8/],
  ])("%s: a clear error", async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });
});

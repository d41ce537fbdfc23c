import { key, SymgradError } from "@symgrad/core";
import { describe, expect, it, vi } from "vitest";
import { textLines } from "../corpus/textLines";
import { Vocabulary } from "../vocabulary/vocabulary";
import { WordVectors } from "../wordVectors";
import { huffmanTree } from "./huffmanTree";
import { plainWord2Vec } from "./testing/plainWord2Vec";
import { resumeWord2Vec, type TrainWord2VecOptions, trainWord2Vec } from "./trainWord2Vec";

/** Sentences over `words` words, drawn by a small generator; frequent words come first. */
function sentences(count: number, words: number): string[][] {
  let state = 12345;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(draw() * 12) }, () => `w${Math.floor(words * draw() ** 2)}`),
  );
}

const text = sentences(60, 30);
const small: TrainWord2VecOptions = { minCount: 1, dimension: 10, epochs: 2, sample: 0.05, key: key(7) };

// Fused multiply-add rounds once where the plain algorithm rounds twice: these tests take the build without it.
vi.mock("./word2vecRelaxedWasm", () => ({ word2vecRelaxedWasm: "" }));

const flat = (rows: readonly Float32Array[]) => Float32Array.from(rows.flatMap((row) => [...row]));

describe("trainWord2Vec", () => {
  it.each<[string, TrainWord2VecOptions]>([
    ["skip-gram, 5 noise words", {}],
    ["skip-gram, line ends are words", { lineEnd: true }],
    ["skip-gram, 13 noise words", { negativeSamples: 13 }],
    ["skip-gram, shared noise words", { sharedNegatives: true }],
    ["skip-gram, the paper's subsampling", { subsampling: "paper" }],
    ["skip-gram, hierarchical softmax", { negativeSamples: 0, hierarchicalSoftmax: true }],
    ["skip-gram, both", { negativeSamples: 2, hierarchicalSoftmax: true }],
    ["CBOW", { architecture: "cbow" }],
    ["CBOW, sum", { architecture: "cbow", cbowInput: "sum", sample: 0 }],
    ["CBOW, hierarchical softmax", { architecture: "cbow", negativeSamples: 0, hierarchicalSoftmax: true }],
    ["33 components", { dimension: 33, learningRate: 0.5 }],
  ])("%s: what the plain algorithm gives", async (_name, options) => {
    const model = await trainWord2Vec(textLines(text), { ...small, learningRate: 0.3, ...options });
    const rows = text.map((line) => line.map((word) => model.vectors.row(word)!));
    const expected = plainWord2Vec(rows, model);
    expect(model.vectors.values).toEqual(flat(expected.input));
    expect(Math.max(...model.vectors.values)).toBeGreaterThan(0.05);
    if (model.output) expect(model.output).toEqual(flat(expected.output));
    if (model.nodes) expect(model.nodes).toEqual(flat(expected.nodes));
  });

  it("one step goes down the gradient of the log-likelihood", async () => {
    // Two words and one inner node: the loss of "a b" is -log sigmoid(+-x.n) for each word, given the other one.
    const vocabulary = new Vocabulary(["a", "b"], [1, 1]);
    const dimension = 6;
    const table = (seed: number) =>
      Float32Array.from({ length: 2 * dimension }, (_, i) => Math.sin(seed * 10 + i * i));
    const [values, nodes] = [table(1), table(2)];
    const vectors = new WordVectors({ words: ["a", "b"], dimension, values });
    const rate = 1e-3;
    const model = await trainWord2Vec(textLines(["a b"]), {
      ...{ vocabulary, dimension, initial: { vectors, output: undefined, nodes } },
      ...{ negativeSamples: 0, hierarchicalSoftmax: true, sample: 0, windowSize: 1, epochs: 1 },
      ...{ learningRate: rate, minLearningRate: rate },
    });
    const paths = huffmanTree(vocabulary.counts);
    const loss = (x: Float64Array) => {
      let sum = 0;
      for (const [word, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        let score = 0;
        for (let i = 0; i < dimension; i++) score += x[other * dimension + i]! * x[2 * dimension + i]!;
        sum += Math.log1p(Math.exp(paths[word]!.code[0] === 0 ? -score : score));
      }
      return sum;
    };
    const at = Float64Array.from([...values, ...nodes.subarray(0, dimension)]);
    const moved = Float64Array.from([...model.vectors.values, ...model.nodes!.subarray(0, dimension)]);
    for (const i of at.keys()) {
      const h = 1e-5;
      const shifted = (by: number) => loss(at.with(i, at[i]! + by));
      const derivative = (shifted(h) - shifted(-h)) / (2 * h);
      expect(moved[i]! - at[i]!).toBeCloseTo(-rate * derivative, 5); // the table's sigmoid is good to 0.003
      if (Math.abs(derivative) > 0.05) expect((moved[i]! - at[i]!) / (-rate * derivative)).toBeCloseTo(1, 1);
    }
  });

  it("one thread and one key give the same bytes, another key others", async () => {
    const train = (seed: number) => trainWord2Vec(textLines(text), { ...small, key: key(seed) });
    const [a, b, c] = [await train(1), await train(1), await train(2)];
    expect(a.vectors.values).toEqual(b.vectors.values);
    expect(a.output).toEqual(b.output);
    expect(a.vectors.values).not.toEqual(c.vectors.values);
  });

  it("threads learn the same structure", async () => {
    // Words of one group stand together: their vectors must be nearer to each other than to the other group's.
    const groups = ["abcd", "efgh"].map((letters) => letters.split(""));
    const lines = Array.from({ length: 4000 }, (_, i) => {
      const group = groups[i % 2]!;
      return Array.from({ length: 8 }, (_, j) => group[(i * 7 + j * j + (j >> 1)) % 4]!);
    });
    const { vectors, progress } = await trainWord2Vec(textLines(lines), {
      ...{ dimension: 16, sample: 0, epochs: 3, threads: 3, negativeSamples: 3 },
    });
    expect(progress).toMatchObject({ complete: true, words: 3 * 8 * 4000 });
    const cosine = (a: string, b: string) => {
      const [x, y] = [vectors.vector(a), vectors.vector(b)];
      const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    expect(Math.min(cosine("a", "b"), cosine("c", "d"), cosine("e", "h"))).toBeGreaterThan(0.6);
    expect(Math.max(cosine("a", "e"), cosine("b", "h"), cosine("d", "f"))).toBeLessThan(0.4);
  });

  it.each([false, true])(
    "an aborted training is resumed to the bytes of one that was not: lineEnd %s",
    async (lineEnd) => {
      const long = Array.from({ length: 3000 }, (_, i) => text[i % text.length]!);
      const options = { ...small, lineEnd };
      const whole = await trainWord2Vec(textLines(long), options);
      const stop = new AbortController();
      const part = await trainWord2Vec(textLines(long), options, {
        signal: stop.signal,
        onProgress({ phase, words, totalWords }) {
          if (phase === "training" && words > 0.7 * totalWords!) stop.abort();
        },
      });
      expect(part.progress.complete).toBe(false);
      expect(part.progress.epoch).toBe(1);
      expect(part.vectors.values).not.toEqual(whole.vectors.values);
      const resumed = await resumeWord2Vec(textLines(long), part);
      expect(resumed.progress.complete).toBe(true);
      expect(resumed.vectors.values).toEqual(whole.vectors.values);
      expect(resumed.output).toEqual(whole.output);
    },
  );

  it("starts from another model's vectors, word by word", async () => {
    const first = await trainWord2Vec(textLines(text), small);
    const next = await trainWord2Vec(textLines([...text, ["new", "words", "w0"]]), {
      ...{ ...small, epochs: 1, learningRate: 1e-9, minLearningRate: 0, initial: first },
    });
    expect(next.vectors.vector("w3")[0]).toBeCloseTo(first.vectors.vector("w3")[0]!, 6);
    expect(next.vectors.vector("new").some((x) => x !== 0)).toBe(true);
    const output = (model: typeof first) => model.output![10 * model.vectors.row("w3")!]!;
    expect(output(first)).not.toBe(0);
    expect(output(next)).toBeCloseTo(output(first), 6);
    await expect(trainWord2Vec(textLines(text), { ...small, dimension: 11, initial: first })).rejects.toThrow(
      /initial has 10 dimensions, wanted 11/,
    );
  });

  it("takes the inner nodes of a model of the same words alone", async () => {
    const options = { ...small, hierarchicalSoftmax: true };
    const first = await trainWord2Vec(textLines(text), options);
    const still = { ...options, epochs: 1, learningRate: 1e-9, minLearningRate: 0, initial: first };
    const same = await trainWord2Vec(textLines(text), still);
    const other = await trainWord2Vec(textLines([...text, ["new", "new"]]), still);
    const most = (nodes: Float32Array) => Math.max(...nodes.map(Math.abs));
    expect(most(first.nodes!)).toBeGreaterThan(1e-3);
    expect(most(same.nodes!.map((value, i) => value - first.nodes![i]!))).toBeLessThan(1e-6);
    expect(most(other.nodes!)).toBeLessThan(1e-6);
  });

  it("cuts long sentences where it says", async () => {
    const line = Array.from({ length: 23 }, (_, i) => `w${(i * i) % 7}`);
    const parts = [0, 5, 10, 15, 20].map((at) => line.slice(at, at + 5));
    const options = { ...small, sample: 0 };
    const cut = await trainWord2Vec(textLines([line]), { ...options, sentenceWords: 5 });
    expect(cut.vectors.values).toEqual((await trainWord2Vec(textLines(parts), options)).vectors.values);
    const whole = await trainWord2Vec(textLines([line]), options);
    expect(cut.vectors.values).not.toEqual(whole.vectors.values);
  });

  // Beyond 6, word2vec.c takes 0 and 1 for the sigmoid of noise words and leaves the inner nodes as they are.
  it.each([
    ["hierarchical softmax", { negativeSamples: 0, hierarchicalSoftmax: true }, 0],
    ["negative sampling", { negativeSamples: 1 }, 1],
  ] as const)("%s where the sigmoid's table ends", async (_name, options, expected) => {
    const vocabulary = new Vocabulary(["a", "b"], [1, 1]);
    const vectors = new WordVectors({ words: ["a", "b"], dimension: 2, values: Float32Array.of(3, 3, 3, 3) });
    const down = Float32Array.of(-2, -2, -2, -2); // all scores are -12
    const rate = 0.125;
    const model = await trainWord2Vec(textLines(["a b"]), {
      ...{ vocabulary, dimension: 2, sample: 0, windowSize: 1, epochs: 1, ...options },
      ...{ initial: { vectors, output: down, nodes: down }, learningRate: rate, minLearningRate: rate },
    });
    // A step of a positive pair is rate (1 - 0) times the other's vector; noise of score -12 moves nothing.
    const table = (model.nodes ?? model.output)!;
    expect([...model.vectors.values]).toEqual([3, 3, 3, 3].map((x) => x + expected * rate * -2));
    expect([...table.subarray(0, model.nodes ? 2 : 4)]).toEqual(
      (model.nodes ? [-2, -2] : [-2, -2, -2, -2]).map((x) => x + expected * rate * 3),
    );
  });

  it("trains wide vectors, few words, and lines longer than a block", async () => {
    const line = Array.from({ length: 40_000 }, (_, i) => ["x", "y", "z"][(i * i) % 3]!);
    const model = await trainWord2Vec(textLines([line]), {
      dimension: 5000,
      negativeSamples: 20,
      sample: 0,
      epochs: 1,
      windowSize: 1,
    });
    expect(model.progress.words).toBe(40_000);
    expect(model.vectors.values.every(Number.isFinite)).toBe(true);
  });

  it.each<[TrainWord2VecOptions, RegExp]>([
    [{ dimension: 0 }, /dimension is 0, wanted a whole number from 1 to 16384/],
    [{ threads: 0 }, /threads is 0, wanted a whole number from 1 to 256/],
    [{ threads: 1000 }, /threads is 1000/],
    [{ negativeSamples: 0 }, /nothing would be learned/],
    [{ architecture: "cbow", sharedNegatives: true }, /sharedNegatives is for skip-gram/],
    [{ architecture: "glove" as "cbow" }, /architecture is "glove", wanted "skip-gram" or "cbow"/],
    [{ learningRate: Number.NaN }, /learningRate is NaN/],
    [{ minCount: 1000 }, /none occurs 1000 times/],
    [{ minCount: 0 }, /minCount is 0/],
    [{ maxWords: 1 }, /the vocabulary has 1 words, wanted at least 2/],
  ])("refuses %j", async (options, sentence) => {
    const attempt = trainWord2Vec(textLines(text), { ...small, ...options });
    await expect(attempt).rejects.toThrow(SymgradError);
    await expect(attempt).rejects.toThrow(sentence);
  });

  it("refuses a corpus without words, and one of a single word", async () => {
    await expect(trainWord2Vec(textLines([]))).rejects.toThrow(/holds 0 words.*\n.*\n.*right file/);
    await expect(trainWord2Vec(textLines(["one one one one one"]))).rejects.toThrow(/has 1 words/);
  });

  it("refuses another text's vocabulary", async () => {
    const vocabulary = new Vocabulary(["zebra", "lion"], [30, 20]);
    const training = trainWord2Vec(textLines(text), { ...small, vocabulary });
    await expect(training).rejects.toThrow(
      /E_VOCABULARY lines in memory holds none of the vocabulary's 2 words/,
    );
  });

  it("refuses matrices that 32-bit WebAssembly cannot hold", async () => {
    const words = Array.from({ length: 200_000 }, (_, i) => `w${i}`);
    const vocabulary = new Vocabulary(words, new Float64Array(words.length).fill(5));
    await expect(trainWord2Vec(textLines(text), { vocabulary, dimension: 4000 })).rejects.toThrow(
      /training 200000 words x 4000 dimensions takes \d\.\d GiB, and WebAssembly has 4 GiB/,
    );
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, readSafetensors } from "@symgrad/core";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReader, evaluateReader, loadReader, type TrainReaderOptions, trainReader } from "../src/index";
import { createBatchOrder, createOrder } from "../src/reader/trainingData";
import { registry, TINY, tinyData } from "./tinyReader";

let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "symgrad-training-options-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const data = tinyData(12);
type Weights = ReadonlyMap<string, ArrayLike<number>>;

/** Trains a few steps; gives the weights before and after, and each step's metrics. */
async function trained(
  name: string,
  more: Partial<TrainReaderOptions> = {},
): Promise<{ weights: Weights; metrics: Record<string, number>[]; output: string }> {
  const output = join(folder, name);
  const { reader } = await trainReader({
    data,
    output,
    registry: registry(),
    ...(more.from === undefined ? { config: TINY } : {}),
    steps: 2,
    batchSize: 4,
    learningRate: 1e-2,
    warmup: 0,
    logEvery: 1,
    seed: 3,
    ...more,
  });
  reader.dispose();
  const lines = (await readFile(join(output, "metrics.jsonl"), "utf8")).trim().split("\n");
  const weights = await weightsOf(join(output, "reader"));
  return { weights, metrics: lines.map((line) => JSON.parse(line)), output };
}

async function weightsOf(place: string): Promise<Weights> {
  const { tensors } = await readSafetensors(join(place, "model.safetensors"));
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

/** Names of the weights that differ. */
function changed(before: Weights, after: Weights): string[] {
  return [...after.keys()].filter((name) => relativeError(after.get(name)!, before.get(name)!) > 0).sort();
}

/** What every run here starts from. */
function startOf(): Weights {
  const reader = createReader({ registry: registry(), config: TINY, key: key(3).fold("weights") });
  const weights = new Map([...reader.parameters()].map(([name, variable]) => [name, variable.dataSync()]));
  reader.dispose();
  return weights;
}

describe("gradient accumulation", () => {
  test("two batches of three are one of six", async () => {
    const reading = { calculator: false, steps: 3 };
    const whole = await trained("six", { ...reading, batchSize: 6 });
    const parts = await trained("two-threes", { ...reading, batchSize: 3, accumulate: 2 });
    for (const [name, values] of whole.weights) {
      // These biases move all logits alike: their gradient is rounding, which Adam makes as large as any other.
      if (/key\.bias|layers\.norm\.bias|span\.logits\.bias/.test(name)) continue;
      expect(relativeError(parts.weights.get(name)!, values), name).toBeLessThan(1e-3);
    }
    for (const [i, { loss, gradientNorm }] of whole.metrics.entries()) {
      expect(parts.metrics[i]!.loss).toBeCloseTo(loss!, 4);
      expect(parts.metrics[i]!.gradientNorm! / gradientNorm!).toBeCloseTo(1, 3);
    }
  });
});

describe("parts", () => {
  test("terms learn alone, and nothing is read; the reader alone leaves them", async () => {
    const start = startOf();
    const terms = await trained("terms", { train: "terms" });
    const learned = changed(start, terms.weights);
    expect(learned).toContain("terms.output.weight");
    expect(learned).toContain("encoder.word.weight");
    expect(learned.filter((name) => name.startsWith("span."))).toEqual([]);
    expect(terms.metrics[0]).toMatchObject({ endLoss: 0, covered: 0 });
    expect(terms.metrics[0]!.loss).toBe(terms.metrics[0]!.argumentLoss);

    const reader = await trained("reader", { train: "reader", from: terms.output });
    const read = changed(terms.weights, reader.weights);
    expect(read).toContain("span.logits.weight");
    expect(read.filter((name) => name.startsWith("terms."))).toEqual([]);
    expect(reader.metrics[0]!.loss).toBe(reader.metrics[0]!.endLoss);
  });

  test("frozen layers and embeddings stay as they are", async () => {
    const start = startOf();
    const { weights } = await trained("frozen", { freezeLayers: 0 });
    const learned = changed(start, weights);
    expect(learned.filter((name) => /^encoder\.(word|position|segment)/.test(name))).toEqual([]);
    expect(learned).toContain("encoder.layers.layers.0.output.weight");
    const heads = await trained("heads-only", { freezeLayers: 1 });
    expect(changed(start, heads.weights).filter((name) => name.startsWith("encoder."))).toEqual([]);
    expect(changed(start, heads.weights)).toContain("span.logits.weight");
  });

  test("heads may learn faster: Adam's first step is as long as the rate", async () => {
    const start = startOf();
    const one = { steps: 1, weightDecay: 0, learningRate: 1e-3, headLearningRate: 2e-2 };
    const { weights } = await trained("fast-heads", one);
    const longest = (name: string) =>
      Math.max(...Array.from(weights.get(name)!, (value, i) => Math.abs(value - start.get(name)![i]!)));
    expect(longest("span.logits.weight")).toBeCloseTo(2e-2, 4);
    expect(longest("terms.output.weight")).toBeCloseTo(2e-2, 4);
    expect(longest("encoder.word.weight")).toBeCloseTo(1e-3, 5);
  });

  test.each([
    ["E_USAGE", { train: "terms", argLoss: "none" }, /argument loss alone/],
    ["E_USAGE", { marginal: 2, calculator: false }, /no function/],
    ["E_RANGE", { freezeLayers: 2 }, /the encoder has 1 layers/],
    ["E_RANGE", { choiceGradient: 1.5 }, /from 0 to 1/],
    ["E_RANGE", { accumulate: 0 }, /`accumulate`/],
    ["E_NAME", { train: "term" }, /all, terms, reader/],
    ["E_USAGE", { from: "start", encoder: "other" }, /brings its own `encoder`/],
  ] as const)("%s: %j", async (code, options, message) => {
    const start = createReader({ registry: registry(), config: TINY, key: key(0) });
    await start.save(join(folder, "start"));
    start.dispose();
    const given = "from" in options ? { ...options, from: join(folder, options.from) } : options;
    const training = trained("refused", given as Partial<TrainReaderOptions>);
    await expect(training).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("length buckets", () => {
  test("every example once per epoch, whatever the buckets; batches of one length", () => {
    const sizes = fc.record({
      buckets: fc.integer({ min: 1, max: 5 }),
      batchSize: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(sizes, fc.nat(), ({ buckets, batchSize }, seed) => {
        const count = buckets * batchSize * 3;
        const options = { buckets, batchSize, root: key(seed).fold("buckets") };
        const order = createOrder(key(seed), count);
        const batchOf = createBatchOrder({ ...options, order, lengthOf: (i) => i % 7 });
        const batches = Array.from({ length: buckets * 3 }, (_, n) => batchOf(n));
        expect(batches.flat().sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        // The last batch again, without those before it: what it holds depends on its number alone.
        const again = createBatchOrder({ ...options, order, lengthOf: (i) => i % 7 });
        expect(again(batches.length - 1)).toEqual(batches.at(-1));
        if (buckets === 1) return;
        const pool = batches.slice(0, buckets).map((batch) => batch.map((i) => i % 7));
        const ordered = [...pool].sort((a, b) => a[0]! - b[0]! || a.at(-1)! - b.at(-1)!);
        expect(ordered.flat()).toEqual(pool.flat().sort((a, b) => a - b));
      }),
    );
  });

  test("pad less", async () => {
    const texts = data.map((example, i) => ({
      ...example,
      passage: `${"word ".repeat(12 * (i % 3))}${example.passage}`,
    }));
    const mean = (metrics: Record<string, number>[]) =>
      metrics.reduce((sum, { padding }) => sum + padding!, 0) / metrics.length;
    const plain = await trained("unsorted", { data: texts, steps: 3 });
    const sorted = await trained("sorted", { data: texts, steps: 3, buckets: 3 });
    expect(mean(plain.metrics)).toBeGreaterThan(0.15);
    expect(mean(sorted.metrics)).toBeLessThan(0.12); // what rounding up to a multiple of eight leaves
  });
});

test("the best reader on the way is kept beside the last one", async () => {
  const evaluation = data.slice(0, 6);
  const { output, metrics } = await trained("best", {
    evaluation,
    evaluateEvery: 2,
    steps: 8,
    learningRate: 3e-2,
  });
  const scored = metrics.filter(({ f1 }) => f1 !== undefined);
  expect(scored.map(({ step }) => step)).toEqual([2, 4, 6]);
  const scores = JSON.parse(await readFile(join(output, "best", "scores.json"), "utf8"));
  const reader = await loadReader(join(output, "best"), { registry: registry() });
  const { f1, exactMatch, termAccuracy } = await evaluateReader(reader, evaluation);
  reader.dispose();
  expect(scores).toEqual({ step: scores.step, f1, exactMatch, termAccuracy });
  const last = await loadReader(output, { registry: registry() });
  const end = await evaluateReader(last, evaluation);
  last.dispose();
  const all = [...scored.map((line) => [line.step!, line.f1!] as const), [8, end.f1] as const];
  const highest = Math.max(...all.map(([, f1]) => f1));
  expect([scores.step, scores.f1]).toEqual(all.find(([, f1]) => f1 === highest));
});

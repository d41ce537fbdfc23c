import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, saveSafetensors } from "@symgrad/core";
import { afterAll, describe, expect, it } from "vitest";
import { textLines } from "../corpus/textLines";
import { compileFirst, instantiate, sharedMemory } from "../kernel/webAssembly";
import { buildVocabulary } from "../vocabulary/buildVocabulary";
import { Vocabulary } from "../vocabulary/vocabulary";
import type { Cooccurrences } from "./cooccurrences";
import { countCooccurrences } from "./countCooccurrences";
import { loadGloVeModel, saveGloVeModel } from "./gloVeModelFile";
import { gloveWasm } from "./gloveWasm";
import { type Pair, plainGloVe } from "./testing/plainGloVe";
import { type GloVeOptions, type GloVeTables, resumeGloVe, trainGloVe } from "./trainGloVe";

const folder = mkdtempSync(join(tmpdir(), "symgrad-glove-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function recordsOf(pairs: readonly Pair[]): Cooccurrences {
  const bytes = new Uint8Array(16 * pairs.length);
  const view = new DataView(bytes.buffer);
  for (const [i, [word, context, weight]] of pairs.entries()) {
    view.setInt32(16 * i, word + 1, true);
    view.setInt32(16 * i + 4, context + 1, true);
    view.setFloat64(16 * i + 8, weight, true);
  }
  return {
    count: pairs.length,
    async *records() {
      yield bytes;
    },
    async dispose() {},
  };
}

function state(size: number, dimension: number): GloVeTables {
  const table = (length: number, seed: number) =>
    Float32Array.from({ length }, (_, i) => 0.7 * Math.sin(seed + i * i));
  return {
    ...{ words: table(size * dimension, 1), contexts: table(size * dimension, 2) },
    ...{ wordBiases: table(size, 3), contextBiases: table(size, 4) },
  };
}

const vocabularyOf = (size: number) =>
  new Vocabulary(
    Array.from({ length: size }, (_, i) => `w${i}`),
    new Float64Array(size).fill(9),
  );

const settings = { dimension: 10, learningRate: 0.1, xMax: 8, exponent: 0.75 };

describe("trainGloVe", () => {
  it("one record, again and again: what the plain algorithm gives", async () => {
    for (const weight of [0.2, 3, 8, 500]) {
      const pairs: Pair[] = [[1, 2, weight]];
      const initial = state(4, 10);
      const model = await trainGloVe(recordsOf(pairs), vocabularyOf(4), { ...settings, initial, epochs: 6 });
      const expected = structuredClone(initial);
      const loss = plainGloVe(
        [pairs[0]!, pairs[0]!, pairs[0]!, pairs[0]!, pairs[0]!, pairs[0]!],
        expected,
        settings,
      );
      for (const name of ["words", "contexts", "wordBiases", "contextBiases"] as const) {
        for (const [i, value] of expected[name].entries()) expect(model[name][i]).toBeCloseTo(value, 4);
        expect(model[name]).not.toEqual(initial[name]);
      }
      const sum = model.losses.reduce((a, b) => a + b, 0);
      expect(sum / loss).toBeCloseTo(1, 4);
    }
  });

  it("cuts each component of a gradient, of words and contexts, above and below", async () => {
    const initial = state(2, 10);
    const options = { ...settings, initial, epochs: 1, gradientClip: 0.01 };
    const { words, contexts } = await trainGloVe(recordsOf([[0, 1, 500]]), vocabularyOf(2), options);
    for (const [after, before] of [
      [words.subarray(0, 10), initial.words.subarray(0, 10)],
      [contexts.subarray(10), initial.contexts.subarray(10)],
    ] as const) {
      const moved = [...after].map((value, i) => value - before[i]!);
      const most = settings.learningRate * options.gradientClip;
      expect(Math.max(...moved) / most).toBeCloseTo(1, 3);
      expect(Math.min(...moved) / most).toBeCloseTo(-1, 3);
    }
  });

  it("shuffles records to each order alike", () => {
    const memory = sharedMemory(1 << 17, { what: "records", hint: "" });
    const { shuffle } = instantiate(compileFirst(gloveWasm), { env: { memory } }) as {
      shuffle(records: number, count: number, high: number, low: number): void;
    };
    const at = 1 << 16;
    const found = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const records = new Int32Array(memory.buffer, at, 12);
      records.set([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
      shuffle(at, 3, 0, seed);
      const order = `${records[0]}${records[4]}${records[8]}`;
      expect([...records].map(String).sort().join("")).toBe("111122223333");
      found.set(order, (found.get(order) ?? 0) + 1);
    }
    // 200 each; four standard deviations are 52.
    expect([...found.values()].every((count) => Math.abs(count - 200) < 52)).toBe(true);
    expect(found.size).toBe(6);
  });

  it("a step goes down the gradient of the weighted squares", async () => {
    const [size, dimension, rate] = [3, 7, 1e-3];
    const initial = state(size, dimension);
    const pairs: Pair[] = [[0, 2, 2.5]];
    const options = { ...settings, dimension, learningRate: rate, initial, epochs: 1 };
    const model = await trainGloVe(recordsOf(pairs), vocabularyOf(size), options);
    const loss = (at: GloVeTables) => plainGloVe(pairs, structuredClone(at), { ...options, learningRate: 0 });
    let checked = 0;
    for (const name of ["words", "contexts", "wordBiases", "contextBiases"] as const) {
      for (const i of initial[name].keys()) {
        const [h, shifted] = [2 ** -7, structuredClone(initial)];
        shifted[name][i]! += h;
        const above = loss(shifted);
        shifted[name][i]! -= 2 * h;
        const derivative = (above - loss(shifted)) / (2 * h);
        const moved = model[name][i]! - initial[name][i]!;
        const factor = name.endsWith("Biases") ? 1 : rate; // as in glove.c
        if (Math.abs(derivative) < 1e-2) {
          expect(Math.abs(moved)).toBeLessThan(2e-2 * factor);
          continue;
        }
        expect(moved / (-factor * derivative)).toBeCloseTo(1, 2);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(10);
  });

  it("every record is trained on once an epoch, in memory and over disk, on one thread and two", async () => {
    const pairs: Pair[] = Array.from({ length: 200_000 }, (_, i) => [i % 300, (i * 7) % 300, 1 + (i % 13)]);
    // Gradients so small that nothing moves: the loss is then the same in any order.
    const still = { ...settings, learningRate: 1e-30, xMax: 1e3, exponent: 4, epochs: 1 };
    const options: GloVeOptions = { ...still, initial: state(300, 10) };
    const plain = plainGloVe(pairs, structuredClone(options.initial!), still);
    for (const more of [
      {},
      { threads: 2 },
      { memory: 2 ** 19, folder },
      { memory: 2 ** 19, folder, threads: 2 },
    ]) {
      const model = await trainGloVe(recordsOf(pairs), vocabularyOf(300), { ...options, ...more });
      expect((model.losses[0]! * pairs.length) / plain).toBeCloseTo(1, 3);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("learns log weights, and gives the same bytes for the same key", async () => {
    const lines = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 20 }, (_, j) => `w${(i * 3 + j * j) % 17}`),
    );
    const corpus = textLines(lines);
    const vocabulary = await buildVocabulary(corpus, { minCount: 1 });
    const counted = await countCooccurrences(corpus, vocabulary);
    const train = (seed: number, combine: "sum" | "mean" | "word") =>
      trainGloVe(counted, vocabulary, { dimension: 20, epochs: 40, xMax: 10, key: key(seed), combine });
    const sum = await train(1, "sum");
    expect(sum.losses.at(-1)!).toBeLessThan(0.02 * sum.losses[0]!);
    expect(sum.complete).toBe(true);
    const [again, other, mean, word] = [
      await train(1, "sum"),
      await train(2, "sum"),
      await train(1, "mean"),
      await train(1, "word"),
    ];
    expect(again.vectors.values).toEqual(sum.vectors.values);
    expect(other.vectors.values).not.toEqual(sum.vectors.values);
    expect(mean.vectors.values).toEqual(sum.vectors.values.map((value) => value / 2));
    expect(word.vectors.values).toEqual(sum.words);
  });

  it("an abort gives the model as it is", async () => {
    const stop = new AbortController();
    const pairs: Pair[] = Array.from({ length: 200_000 }, (_, i) => [i % 30, (i * 7) % 30, 1 + (i % 13)]);
    const model = await trainGloVe(
      recordsOf(pairs),
      vocabularyOf(30),
      { ...settings, epochs: 100 },
      {
        signal: stop.signal,
        onProgress: ({ epoch }) => epoch === 2 && stop.abort(),
      },
    );
    expect(model.complete).toBe(false);
    expect(model.losses).toHaveLength(2);
    expect(model.vectors.values.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ["in memory", {}],
    ["over disk", { memory: 2 ** 20, folder }],
  ])("a stopped training is saved, and resumed to the bytes of one that was not: %s", async (_, more) => {
    const pairs: Pair[] = Array.from({ length: 200_000 }, (_, i) => [i % 300, (i * 7) % 300, 1 + (i % 13)]);
    const options = { ...settings, epochs: 3, ...more };
    const whole = await trainGloVe(recordsOf(pairs), vocabularyOf(300), options);
    const stop = new AbortController();
    const stopped = await trainGloVe(recordsOf(pairs), vocabularyOf(300), options, {
      signal: stop.signal,
      onProgress: ({ epoch, records }) => epoch === 1 && records > 80_000 && stop.abort(),
    });
    expect(stopped.complete).toBe(false);
    expect(stopped.state!.records).toBeGreaterThan(80_000);
    expect(stopped.state!.records).toBeLessThan(200_000);
    const file = join(folder, "stopped");
    await saveGloVeModel(stopped, file);
    const loaded = await loadGloVeModel(file);
    rmSync(file);
    expect(loaded).toEqual({ ...stopped, options: { ...stopped.options, key: expect.anything() } });
    const resumed = await resumeGloVe(recordsOf(pairs), vocabularyOf(300), loaded);
    expect(resumed.vectors.values).toEqual(whole.vectors.values);
    expect(resumed.contextBiases).toEqual(whole.contextBiases);
    expect(resumed.losses.map(Math.fround)).toEqual(whole.losses.map(Math.fround)); // summed in other parts
    expect(resumed).toMatchObject({ complete: true, state: undefined });
    await expect(resumeGloVe(recordsOf(pairs), vocabularyOf(299), loaded)).rejects.toThrow(/E_VOCABULARY/);
  });

  it("refuses to load another file as a model", async () => {
    const file = join(folder, "other");
    await saveSafetensors(file, new Map());
    await expect(loadGloVeModel(file)).rejects.toThrow(/E_FORMAT .* is not a saved GloVe model/);
    rmSync(file);
  });

  it.each<[GloVeOptions, RegExp]>([
    [{ dimension: 0 }, /dimension is 0, wanted a whole number from 1/],
    [{ threads: 1000 }, /threads is 1000/],
    [{ xMax: 0 }, /xMax is 0/],
    [{ combine: "both" as "sum" }, /combine is "both"/],
    [{ initial: state(2, 3) }, /initial holds 6 numbers, wanted 2 words x 50/],
  ])("refuses %j", async (options, sentence) => {
    await expect(trainGloVe(recordsOf([[0, 1, 1]]), vocabularyOf(2), options)).rejects.toThrow(sentence);
  });

  it("refuses records of other words, and none at all", async () => {
    await expect(trainGloVe(recordsOf([[0, 5, 1]]), vocabularyOf(2))).rejects.toThrow(
      /words 1 and 6, and the vocabulary has 2/,
    );
    await expect(trainGloVe(recordsOf([]), vocabularyOf(2))).rejects.toThrow(
      /E_VOCABULARY there are no records/,
    );
  });
});

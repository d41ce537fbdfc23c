import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors, saveSafetensors } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateReader, loadReader, type TrainReaderOptions, trainReader } from "../src/index";
import { registry, TINY, tinyData, tinyReader } from "./tinyReader";

let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "symgrad-reader-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const data = tinyData(24);
const options = (output: string, more: Partial<TrainReaderOptions> = {}): TrainReaderOptions => ({
  data,
  output: join(folder, output),
  registry: registry(),
  config: TINY,
  steps: 10,
  batchSize: 4,
  learningRate: 1e-2,
  logEvery: 1,
  checkpointEvery: 4,
  seed: 3,
  ...more,
});
const losses = async (output: string): Promise<number[]> =>
  (await readFile(join(folder, output, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { loss: number }).loss);
const weights = async (output: string) =>
  (await readFile(join(folder, output, "reader", "model.safetensors"))).toString("base64");

describe("trainReader", () => {
  test("lowers the loss; the run directory holds a reader that answers alike", async () => {
    const { reader, evaluation, metrics } = await trainReader(
      options("learns", { steps: 20, evaluation: data.slice(0, 4) }),
    );
    const course = await losses("learns");
    expect(course).toHaveLength(20);
    const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
    expect(mean(course.slice(-5))).toBeLessThan(mean(course.slice(0, 5)) - 0.5);
    expect(metrics.loss).toBe(course.at(-1));
    expect(evaluation?.count).toBe(4);

    const again = await loadReader(join(folder, "learns"), { registry: registry() });
    expect(await again.predict(data)).toEqual(await reader.predict(data));
    reader.dispose();
    again.dispose();
  });

  test("stopped and resumed equals uninterrupted, bit for bit", async () => {
    const whole = await trainReader(options("whole"));
    whole.reader.dispose();

    const controller = new AbortController();
    const stopped = trainReader(
      options("parts", {
        signal: controller.signal,
        onProgress: ({ phase, step }) => {
          if (phase === "train" && step === 6) controller.abort();
        },
      }),
    );
    await expect(stopped).rejects.toMatchObject({ code: "E_ABORT" });
    const midway = await loadReader(join(folder, "parts"), { registry: registry() });
    midway.dispose();

    await expect(trainReader(options("parts"))).rejects.toMatchObject({ code: "E_EXISTS" });
    await expect(trainReader(options("parts", { resume: true, seed: 4 }))).rejects.toThrow(
      /seed: 3 then, 4 now/,
    );
    const resumed = await trainReader(options("parts", { resume: true }));
    resumed.reader.dispose();
    expect(await losses("parts")).toEqual(await losses("whole"));
    expect(await weights("parts")).toBe(await weights("whole"));
  });

  test("without a calculator it still reads", async () => {
    const { reader, evaluation } = await trainReader(
      options("baseline", { calculator: false, steps: 3, evaluation: data.slice(0, 4) }),
    );
    expect(evaluation).not.toHaveProperty("termAccuracy");
    expect((await reader.predict(data.slice(0, 1)))[0]!.calls).toEqual([]);
    reader.dispose();
  });

  test("the temperature may fall from step to step; one that cannot be leaves no run behind", async () => {
    const temperature = { from: 1, to: 0.25, steps: 2 };
    await trainReader(options("cooling", { steps: 4, temperature }));
    const course = (await readFile(join(folder, "cooling", "metrics.jsonl"), "utf8")).trim().split("\n");
    expect(course.map((line) => (JSON.parse(line) as { temperature: number }).temperature)).toEqual([
      1, 0.5, 0.25, 0.25,
    ]);
    const cold = trainReader(options("cold", { temperature: { ...temperature, to: 0 } }));
    await expect(cold).rejects.toThrow(/E_RANGE exponentialTemperature: `to`/);
    expect(existsSync(join(folder, "cold"))).toBe(false);
  });

  test("a question that is too long leaves no run behind", async () => {
    const long = { passage: "word", question: "word ".repeat(300), answer: "word" };
    const output = options("long", { data: [long] });
    await expect(trainReader(output)).rejects.toThrow(/E_LENGTH[\s\S]*example 0 of the training data/);
    await expect(readFile(join(folder, "long", "config.json"))).rejects.toThrow("ENOENT");
  });

  test("no tensor is left behind", async () => {
    const run = async (output: string) => {
      const { reader } = await trainReader(options(output, { steps: 2 }));
      await evaluateReader(reader, data.slice(0, 3));
      reader.dispose();
    };
    await run("leak-0");
    const before = tf.memory().numTensors;
    await run("leak-1");
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("loadReader", () => {
  test("names the tensor that has another shape", async () => {
    const reader = tinyReader();
    const place = join(folder, "misshapen");
    await reader.save(place);
    reader.dispose();
    const file = join(place, "model.safetensors");
    const { tensors } = await readSafetensors(file);
    tensors.set("span.logits.bias", { dtype: "F32", shape: [3], data: new Float32Array(3) });
    await saveSafetensors(file, tensors);
    const loading = loadReader(place, { registry: registry() });
    await expect(loading).rejects.toMatchObject({ code: "E_CHECKPOINT" });
    await expect(loading).rejects.toThrow(
      /span\.logits\.bias.*\[3\].*\[2\]|span\.logits\.bias.*\[2\].*\[3\]/,
    );
  });

  test.each([
    ["E_FILE", "nothing-here", undefined],
    ["E_FORMAT", "no-json", "{"],
    ["E_FORMAT", "other-format", '{"format": "other"}'],
  ])("%s: %s", async (code, name, content) => {
    const place = join(folder, name);
    if (content !== undefined) {
      const reader = tinyReader();
      await reader.save(place);
      reader.dispose();
      await writeFile(join(place, "reader.json"), content);
    }
    await expect(loadReader(place, { registry: registry() })).rejects.toMatchObject({ code });
  });
});

describe("predict", () => {
  test("offsets lead to the answer in its source", async () => {
    const reader = tinyReader();
    const examples = [
      ...data,
      {
        passage: "\u{1f95c} Ana hat 12 nuts, Bo has 1,005 nuts.",
        question: "¿Quién? \u{1f600} 40 or 2",
        answer: "12",
      },
    ];
    for (const [i, prediction] of (await reader.predict(examples)).entries()) {
      const { passage, question } = examples[i]!;
      const texts = { passage, question, function: prediction.calls[0]!.result };
      for (const { answer, start, end, source } of [prediction, ...prediction.alternatives]) {
        expect(texts[source].slice(start, end)).toBe(answer);
        expect(answer).not.toBe("");
      }
      const scores = [prediction, ...prediction.alternatives].map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(prediction.calls[0]!.probability).toBeGreaterThan(0);
      expect(prediction.calls[0]!.arguments).toHaveLength(2);
    }
    reader.dispose();
  });

  test("a text with fewer than two quantities is read without the function; an empty one has no answer", async () => {
    const reader = tinyReader();
    const [one, empty] = await reader.predict([
      { passage: "John has 5 nuts.", question: "Who has nuts?" },
      { passage: "", question: "" },
    ]);
    expect(one!.calls).toEqual([]);
    expect(one!.answer).not.toBe("");
    expect(empty).toEqual({
      answer: "",
      score: 0,
      start: 0,
      end: 0,
      source: "passage",
      calls: [],
      alternatives: [],
    });
    reader.dispose();
  });

  test("an answer does not depend on its batch", async () => {
    const reader = tinyReader();
    const together = await reader.predict(data);
    for (const i of [0, 7]) {
      const [alone] = await reader.predict([data[i]!]);
      expect(alone!.answer).toBe(together[i]!.answer);
      expect(alone!.score).toBeCloseTo(together[i]!.score, 5);
    }
    reader.dispose();
  });
});

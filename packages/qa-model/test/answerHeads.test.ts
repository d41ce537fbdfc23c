import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initBackend, key } from "@symgrad/core";
import { gumbelSoftmax } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ARGUMENT_LOSSES,
  createReader,
  createTrainingBatch,
  evaluateReader,
  explainPrediction,
  exportReader,
  loadReader,
  predictedAnswer,
  type Reader,
  type ReaderExample,
  readExamples,
  readerLoss,
  trainReader,
} from "../src/index";
import { findOccurrences, wantedAnswers } from "../src/reader/wantedAnswers";
import { expectGradient } from "./expectGradient";
import { sharedFile } from "./sharedData";
import { registry, TINY, tinyReader } from "./tinyReader";

const available = await initBackend({ backend: "onnxruntime", threads: 2 }).then(
  () => true,
  () => false,
);
const heads = ["span", "multi-span", "count"] as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-heads-"));
});
afterAll(() => rm(folder, { recursive: true }));

const names = ["John", "Mark", "Ryan", "Anna"];

/** Who has apples, how many of them have, and what the first one has. */
function headsData(count: number): ReaderExample[] {
  return Array.from({ length: count }, (_, i) => {
    const has = names.map((_, j) => (((i * 7) >> j) & 1) === 1);
    const passage = `${names.map((name, j) => `${name} has ${has[j] ? "apples" : "nuts"}`).join(", ")}.`;
    const owners = names.filter((_, j) => has[j]);
    const kind = owners.length < 2 ? 1 + (i % 2) : i % 3;
    const gold = [owners, [`${owners.length}`], [has[0] ? "apples" : "nuts"]][kind]!;
    const question = ["Who has apples?", "How many have apples?", "What has John?"][kind]!;
    return { passage, question, answer: gold[0]!, answers: gold, golds: [gold] };
  });
}

describe("what heads learn", () => {
  const example = (golds: string[][]): ReaderExample => ({
    passage: "",
    question: "",
    answer: golds[0]![0]!,
    answers: golds.flat(),
    golds,
  });

  test("texts alone, texts together, and numbers from 0 to 9", () => {
    const golds = [["3"], ["Ann", "Bo"], ["three"]];
    expect(wantedAnswers(example(golds), heads)).toEqual({
      texts: ["3", "three"],
      lists: [["Ann", "Bo"]],
      count: 3,
    });
    expect(wantedAnswers(example(golds), ["span"])).toEqual({
      texts: ["3", "Ann", "Bo", "three"],
      lists: [],
      count: undefined,
    });
    expect(wantedAnswers(example([["12"], ["3.5"], ["-1"]]), heads).count).toBeUndefined();
    expect(wantedAnswers({ passage: "", question: "", answer: "07" }, heads).count).toBe(7);
  });

  test("every place of each text, the longer text first; none if a text is nowhere", () => {
    const { tokenizer } = tinyReader();
    const ids = Int32Array.from(tokenizer.encode("John has nuts, John has apples, Mark has nuts, 123 nuts"));
    const find = (...lists: string[][]) => [...findOccurrences(ids, [[0, ids.length]], lists, tokenizer)];
    const text = (from: number, to: number) =>
      [...ids.subarray(from, to + 1)].map((id) => tokenizer.token(id)).join(" ");
    const found = find(["nuts", "John has nuts", "Mark"]);
    const places = found.flatMap((_, i) =>
      i % 3 === 0 ? [`${found[i]} ${text(found[i + 1]!, found[i + 2]!)}`] : [],
    );
    expect(places.sort()).toEqual(["0 nuts", "0 nuts", "1 john has nuts", "2 mark"]);
    expect(find(["John", "Ryan"])).toEqual([]);
    expect(find(["John", "Ryan"], ["Mark", "apples"])).toHaveLength(6);
    expect(find(["John", "12"])).toEqual([]);
  });
});

test("the loss of a reader with a function and all heads has its gradient", async () => {
  await tf.setBackend("cpu");
  const reader = createReader({ registry: registry(), key: key(2), config: { ...TINY, heads } });
  const counted = {
    passage: "John has 7 nuts, Mark has 12 nuts.",
    question: "How many?",
    answer: "5",
    golds: [["5"], ["John", "Mark"]],
  };
  const { inputs, targets } = await createTrainingBatch(reader, [counted, headsData(3)[0]!]);
  const options = { estimator: gumbelSoftmax({ temperature: 1 }), vocabulary: reader.tokenizer };
  const layers = [registry().layer("symgrad.calculator.v1", options)];
  const parameters = reader.parameters();
  expect([...parameters.keys()].filter((name) => /^(answerTypes|count|tags)\./.test(name))).toHaveLength(10);
  const loss = () =>
    readerLoss(reader.model, inputs, targets, { layers, argumentLoss: ARGUMENT_LOSSES.mml, noise: key(3) })
      .total;
  expectGradient(loss, parameters, { seed: 4, directions: 3 });
  reader.dispose();
  if (available) await initBackend({ backend: "onnxruntime", threads: 2 });
});

describe.skipIf(!available)("a reader that counts and gives several spans", () => {
  let reader: Reader;
  beforeAll(async () => {
    ({ reader } = await trainReader({
      data: headsData(96),
      output: join(folder, "run"),
      config: { ...TINY, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2 },
      calculator: false,
      heads,
      steps: 250,
      batchSize: 32,
      learningRate: 1e-2,
      seed: 1,
    }));
  });
  afterAll(() => reader.dispose());

  test("learns both from answers alone", async () => {
    const data = headsData(48);
    const { predictions, exactMatch } = await evaluateReader(reader, data);
    expect(exactMatch).toBeGreaterThan(0.8);
    for (const head of heads) expect(predictions.some((one) => one.head === head)).toBe(true);
    for (const [i, { head, answer, spans }] of predictions.entries()) {
      if (head === "count") expect(answer).toMatch(/^\d$/);
      for (const span of spans ?? []) {
        const text = data[i]![span.source as "passage" | "question"];
        expect(text.slice(span.start, span.end)).toBe(span.answer);
      }
      if (spans) expect(answer).toBe(spans.map((span) => span.answer).join(", "));
    }
    const several = predictions.find(({ head }) => head === "multi-span")!;
    expect(predictedAnswer(several)).toEqual(several.spans!.map((span) => span.answer));
  });

  test("is saved and loaded with its heads; what knows one span alone is refused", async () => {
    const place = join(folder, "run", "reader");
    expect(JSON.parse(await readFile(join(place, "config.json"), "utf8")).heads).toEqual(heads);
    const again = await loadReader(place);
    const data = headsData(9);
    expect(await again.predict(data)).toEqual(await reader.predict(data));
    const [alone] = await again.predict([data[0]!]);
    const [together] = await again.predict(data);
    expect(alone!.answer).toBe(together!.answer);
    const predictions = await again.predict(data);
    const counting = predictions.findIndex(({ head }) => head === "count");
    await expect(explainPrediction(again, data[counting]!)).rejects.toThrow(/E_USAGE the count head/);
    await expect(exportReader(again, join(folder, "exported"))).rejects.toThrow(/E_USAGE .*multi-span/);
    expect(existsSync(join(folder, "exported"))).toBe(false);
    again.dispose();
  });

  test("a run is not resumed with other golds", async () => {
    const data = headsData(6);
    const options = { output: join(folder, "resumed"), config: TINY, calculator: false, heads, batchSize: 2 };
    const { reader: first } = await trainReader({ ...options, data, steps: 1 });
    first.dispose();
    const others = data.map((one) => ({ ...one, golds: [["John", "nuts"]] }));
    const again = trainReader({ ...options, data: others, steps: 1, resume: true });
    await expect(again).rejects.toThrow(/E_USAGE[\s\S]*data: /);
  });

  test("an answer does not depend on its batch, nor on windows", async () => {
    const data = headsData(20);
    const together = await reader.predict(data);
    for (const [i, one] of data.slice(0, 6).entries()) {
      const [alone] = await reader.predict([one]);
      expect(alone!.head).toBe(together[i]!.head);
      expect(predictedAnswer(alone!)).toEqual(predictedAnswer(together[i]!));
      expect(alone!.score).toBeCloseTo(together[i]!.score, 3);
    }
    const long = { ...data[0]!, passage: `${data[0]!.passage} `.repeat(20) };
    const [prediction] = await reader.predict([long]);
    expect(heads).toContain(prediction!.head);
  });
});

test("the loss of an answer does not depend on the padding of its batch", async () => {
  const reader = tinyReader({ calculator: false, heads });
  const several = headsData(20).find(({ golds }) => golds![0]!.length > 1)!;
  const long = { ...several, passage: `${several.passage} ${"Nobody has more. ".repeat(6)}` };
  const lossOf = async (part: ReaderExample[]) => {
    const { inputs, targets } = await createTrainingBatch(reader, part);
    return tf.tidy(() => readerLoss(reader.model, inputs, targets, {}).total.dataSync()[0]!);
  };
  const alone = (await lossOf([several])) + (await lossOf([long]));
  expect(await lossOf([several, long])).toBeCloseTo(alone / 2, 4);
  reader.dispose();
});

test("a configuration has known heads, span among them; one alone is none", () => {
  const make = (list: unknown) => tinyReader({ heads: list as never }).config.heads;
  expect(make(["span"])).toBeUndefined();
  expect(make(["count", "span"])).toEqual(["span", "count"]);
  expect(() => make(["count"])).toThrow(/E_FORMAT .*`heads`.*with span/);
  expect(() => make(["span", "sum"])).toThrow(/E_FORMAT .*`heads`/);
});

const drop = sharedFile("qa/drop-dev-a.drop-format.json.gz");
test.skipIf(!drop || !available)("DROP: every kind of answer is learned from, and answered", async () => {
  const examples = (await readExamples(drop!)) as ReaderExample[];
  const reader = createReader({
    registry: registry(),
    key: key(3),
    config: { ...TINY, heads, max_position_embeddings: 512 },
    limits: { quantities: 8 },
  });
  const part = examples.filter((_, i) => i % 150 === 0);
  const wanted = part.map((one) => wantedAnswers(one, heads));
  expect(wanted.filter(({ lists }) => lists.length > 0).length).toBeGreaterThan(1);
  expect(wanted.filter(({ count }) => count !== undefined).length).toBeGreaterThan(3);
  const { inputs, targets } = await createTrainingBatch(reader, part.slice(0, 8));
  const { covered } = tf.tidy(() => ({
    covered: readerLoss(reader.model, inputs, targets, {
      layers: reader.layers,
      noise: key(1),
    }).covered.dataSync()[0]!,
  }));
  expect(covered).toBeGreaterThan(0.2);
  const { predictions, f1 } = await evaluateReader(reader, part);
  expect(predictions).toHaveLength(part.length);
  expect(f1).toBeGreaterThanOrEqual(0);
  reader.dispose();
});

import { key } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { JoinedReading } from "../src/explain/joinedReading";
import { joinText } from "../src/explain/joinText";
import { analyzeReader, dropMetrics, type ReaderExample } from "../src/index";
import { decodeAnswer } from "../src/reader/decodeAnswer";
import { createReaderFeatures } from "../src/reader/readerFeatures";
import { tinyData, tinyReader } from "./tinyReader";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("reading the own result again gives the own answer", async () => {
  const reader = tinyReader();
  const reading = new JoinedReading(reader);
  const examples = tinyData(6, 3);
  const predictions = await reader.predict(examples);
  const texts = await createReaderFeatures(examples, reader.featureOptions, String);
  for (const [i, example] of examples.entries()) {
    const { calls } = predictions[i]!;
    const logits = await reading.read(joinText(texts[i]!, [calls[0]!.result], reader.tokenizer));
    const again = decodeAnswer([{ text: texts[i]!, calls, ...logits }], example, reader);
    expect(again).toMatchObject({ answer: predictions[i]!.answer, source: predictions[i]!.source });
    expect(again.score).toBeCloseTo(predictions[i]!.score, 5);
  }
  reading.dispose();
  reader.dispose();
});

test("scores by type and digits are those of the examples in them; shares are shares", async () => {
  const reader = tinyReader();
  const examples: ReaderExample[] = [
    ...tinyData(8),
    { passage: "John has 1,234 nuts.", question: "Who has 1,234 nuts?", answer: "John" },
    { passage: "No number.", question: "Who?", answer: "number" },
  ];
  const { byType, byDigits, usage, predictions, f1, count } = await analyzeReader(reader, examples, {
    key: key(1),
  });
  const mean = (members: number[]) =>
    members.reduce((sum, i) => sum + dropMetrics(predictions[i]!.answer, examples[i]!.answer).f1, 0) /
    members.length;
  expect(count).toBe(10);
  expect(byType).toMatchObject([{ name: "max", count: 8, f1: mean([0, 1, 2, 3, 4, 5, 6, 7]) }]);
  expect(byDigits.map(({ name }) => name)).toEqual(["0", "2", "4"]);
  expect(byDigits[1]!.f1).toBeCloseTo(mean([0, 1, 2, 3, 4, 5, 6, 7]), 12);
  expect(f1).toBeCloseTo(mean(examples.map((_, i) => i)), 12);
  // The last example has no number to ask with.
  expect(usage!.called).toBe(0.9);
  const { function: read, passage, question } = usage!.sources;
  expect(read + passage + question).toBeCloseTo(1, 12);
  expect(usage!.permutation).toMatchObject({
    count: 9,
    drop: usage!.permutation!.f1 - usage!.permutation!.permutedF1,
  });
  reader.dispose();
});

test("answers that were read in a result do not survive reading another one's", async () => {
  const examples = tinyData(6, 5);
  const reader = tinyReader({}, 3);
  const predictions = await reader.predict(examples);
  // Whatever the untrained reader says is right: then only the permutation can make a difference.
  const own = examples.map((example, i) => ({ ...example, answer: predictions[i]!.answer }));
  const { usage } = await analyzeReader(reader, own, { key: key(2) });
  const read = predictions.filter(({ source }) => source === "function").length;
  expect(read).toBeGreaterThan(0);
  expect(usage!.sources.function).toBeCloseTo(read / 6, 12);
  expect(usage!.permutation!.f1).toBe(1);
  expect(usage!.permutation!.drop).toBeGreaterThan(0);
  reader.dispose();
  const baseline = tinyReader({ calculator: false });
  expect((await analyzeReader(baseline, examples, { key: key(2) })).usage).toBeUndefined();
  baseline.dispose();
});

test("number swap: both right is consistent, the same answer is unmoved", async () => {
  const reader = tinyReader({ calculator: false });
  const [first, second] = tinyData(2, 9) as [ReaderExample, ReaderExample];
  const [a, b] = await reader.predict([first, second]);
  const pairs = [
    { original: { ...first, answer: a!.answer }, swapped: { ...second, answer: b!.answer } },
    { original: { ...first, answer: a!.answer }, swapped: { ...first, answer: "Nobody" } },
  ];
  const { swap } = await analyzeReader(reader, [first], { key: key(0), swapped: pairs });
  expect(swap).toMatchObject({ count: 2, consistent: 0.5, originalF1: 1, swappedF1: 0.5 });
  expect(swap!.unmoved).toBeGreaterThanOrEqual(0.5);
  reader.dispose();
});

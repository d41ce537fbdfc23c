import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, valueAndGradients } from "@symgrad/core";
import {
  comparator,
  createRegistry,
  dateArithmetic,
  decimal,
  defineFunction,
  fromExample,
  ok,
  oneOf,
  type SymbolicFunction,
  tokens,
} from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReader, loadReader, type Reader, trainReader } from "../src/index";
import { createReaderFeatures, createReaderTargets } from "../src/reader/readerFeatures";
import { readerLoss } from "../src/reader/readerLoss";
import { TINY, tinyBatch, tinyData } from "./tinyReader";

let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "symgrad-functions-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One operation of two numbers, by its name. */
const operation = defineFunction({
  name: "test.operation.v1",
  args: { sign: oneOf(["+", "-"]), a: fromExample("numbers", decimal), b: fromExample("numbers", decimal) },
  run: ({ sign, a, b }) => ok(String(sign === "+" ? a.plus(b) : a.minus(b))),
  output: tokens({ symbols: ["-", "."] }),
  maxLength: 16,
  examples: [{ numbers: [1, 2] }],
});

const readerOf = (fn: SymbolicFunction): Reader =>
  createReader({ registry: createRegistry([fn]), key: key(1), config: { ...TINY, function: fn.name } });

test("a comparator: its words are in the vocabulary, and what it says can be the answer", async () => {
  const reader = readerOf(comparator);
  expect(["<", ">", "min", "max", "sort", "argmax"].map((word) => reader.tokenizer.id(word))).not.toContain(
    undefined,
  );
  const text = { passage: "Ann has 72 nuts, Bo has 23 nuts.", question: "Who has more?" };
  const [prediction] = await reader.predict([text]);
  expect(prediction!.calls[0]).toMatchObject({
    arguments: ["72", "23"],
    quantities: [0, 1],
    result: "72 > 23, min = 23, max = 72, sort = 23 < 72, argmax = 1",
  });
  const [prepared] = await createReaderFeatures([text], reader.featureOptions, String);
  const targets = createReaderTargets(prepared!.features, ["72"], reader.featureOptions);
  expect([...targets.stages[0]!.labels]).toEqual([0]);
  expect(targets.stages[0]!.resultSpans.length / 3).toBe(3); // in the comparison, as the maximum, and sorted
  reader.dispose();
});

test("dates of question and passage are arguments, wherever they stand, whole in their window", async () => {
  const reader = readerOf(dateArithmetic);
  const text = {
    passage: "The 3 ships left on 22 January 1621, came back on February 21, 1621 and rested 5 days.",
    question: "How many days were they away before March 1621?",
  };
  const [prepared] = await createReaderFeatures([text], reader.featureOptions, String);
  expect(prepared!.dates).toEqual(["1621-03", "1621-01-22", "1621-02-21", "5 days"]);
  const { features, numbers } = prepared!;
  const first = [...features.quantities]
    .slice(numbers.length)
    .map((token) => reader.tokenizer.token(features.ids[token]!));
  // The synthetic vocabulary has no months.
  expect(first).toEqual(["[UNK]", "2", "[UNK]", "5"]);

  const results = features.stages[0]!;
  const labelled = (answer: string) =>
    [...createReaderTargets(features, [answer], reader.featureOptions).stages[0]!.labels].map((candidate) =>
      [...results.values.subarray(2 * candidate, 2 * candidate + 2)].map(
        (value) => [...numbers, ...prepared!.dates][value],
      ),
    );
  const away = ["1621-01-22", "1621-02-21"];
  expect(labelled("30")).toEqual([away]);
  expect(labelled("Friday")).toEqual([away]);
  expect(labelled("26 February 1621")).toEqual([["1621-02-21", "5 days"]]);
  expect(labelled("blue")).toEqual([]);

  const [prediction] = await reader.predict([text]);
  const [call] = prediction!.calls;
  expect(call!.arguments.every((argument) => prepared!.dates.includes(argument))).toBe(true);
  expect(call!.quantities).toEqual([]);
  reader.dispose();
});

test("literals have vectors of their own, which learn, and are saved", async () => {
  const registry = createRegistry([operation]);
  const config = TINY;
  const output = join(folder, "literals");
  const data = tinyData(8);
  const { reader } = await trainReader({
    data,
    output,
    registry,
    function: operation.name,
    config,
    steps: 2,
    batchSize: 4,
    seed: 1,
  });
  const literals = reader.parameters().get("terms.literals.weight")!;
  expect(literals.shape).toEqual([2, 8]);
  const { inputs, answers } = await tinyBatch(reader, data.slice(0, 3));
  const { gradients } = tf.tidy(() => {
    const found = valueAndGradients(
      () => readerLoss(reader.model, inputs, answers, { layers: reader.layers, noise: key(4) }).total,
      reader.parameters(),
    );
    return { gradients: tf.keep(found.gradients.get("terms.literals.weight")!) };
  });
  expect(Math.max(...gradients.abs().dataSync())).toBeGreaterThan(1e-6);

  const predictions = await reader.predict(data);
  for (const { calls } of predictions) {
    const { arguments: chosen, result } = calls[0]!;
    const [sign, a, b] = [JSON.parse(chosen[0]!) as string, Number(chosen[1]), Number(chosen[2])];
    expect(result).toBe(String(sign === "+" ? a + b : a - b));
  }
  const again = await loadReader(output, { registry });
  expect(await again.predict(data)).toEqual(predictions);
  reader.dispose();
  again.dispose();
});

test("a function of what no text has is refused when the reader is made", () => {
  const painter = defineFunction({
    ...operation,
    name: "test.painter.v1",
    args: { color: fromExample("colors") },
  } as never);
  expect(() => readerOf(painter)).toThrow(/E_USAGE.*`color`[\s\S]*fromExample, oneOf, range/);
});

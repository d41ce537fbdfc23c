import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initBackend, key, valueAndGradients } from "@symgrad/core";
import { gumbelSoftmax } from "@symgrad/gumbel";
import {
  calculator,
  comparator,
  createRegistry,
  defineFunction,
  fromExample,
} from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { joinText } from "../src/explain/joinText";
import {
  ARGUMENT_LOSSES,
  analyzeReader,
  createReader,
  explainPrediction,
  exportReader,
  loadExportedReader,
  loadReader,
  type Reader,
  type ReaderConfig,
  type ReaderExample,
  renderExplanation,
} from "../src/index";
import { createReaderFeatures } from "../src/reader/readerFeatures";
import { readerLoss } from "../src/reader/readerLoss";
import { expectGradient } from "./expectGradient";
import { difference } from "./sumThenDifference";
import { TINY, tinyBatch, tinyData } from "./tinyReader";

const available = await initBackend({ backend: "onnxruntime", threads: 2 }).then(
  () => true,
  () => false,
);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-staged-"));
});
afterAll(() => rm(folder, { recursive: true }));

const registry = createRegistry([calculator, comparator]);
const names = [calculator.name, comparator.name];
const stagedReader = (config: Partial<ReaderConfig> = {}): Reader =>
  createReader({ registry, key: key(1), config: { ...TINY, function: names, ...config } });

/** Two and three quantities, and none. */
const ragged: ReaderExample[] = [
  ...tinyData(3),
  { passage: "John has 7 nuts, Mark has 12 nuts.", question: "Who has more nuts?", answer: "Mark" },
  { passage: "No number here.", question: "Who?", answer: "here" },
];

describe("what a second function may be called with", () => {
  test("is each pair of the text's numbers and the first one's results; labels are all chains that give the answer", async () => {
    await tf.setBackend("cpu");
    const reader = stagedReader();
    const { features, targets } = await tinyBatch(reader, ragged);
    for (const [i, { answer }] of ragged.entries()) {
      const numbers = reader.tokenizer.tokenize(ragged[i]!.passage).numbers.map(({ value }) => Number(value));
      const [first, second] = features[i]!.stages;
      const expected = { first: new Set<number>(), second: [] as number[] };
      let chain = 0;
      let before = 0;
      for (let a = 0; a < numbers.length; a++) {
        for (let b = a + 1; b < numbers.length; b++) {
          const [x, y] = [numbers[a]!, numbers[b]!];
          const values = [...numbers, x + y, x - y, y - x];
          for (let c = 0; c < values.length; c++) {
            for (let d = c + 1; d < values.length; d++) {
              const result = second!.row.results![chain]!;
              const { run } = comparator;
              expect(result).toMatchObject(
                run({ a: decimalOf(values[c]!), b: decimalOf(values[d]!) } as never) as object,
              );
              if (answer === `${values[c]}` || answer === `${values[d]}`) {
                expected.first.add(before);
                expected.second.push(chain);
              }
              chain++;
            }
          }
          before++;
        }
      }
      expect([first!.row.count, second!.row.count]).toEqual([before, chain]);
      expect([...targets[i]!.stages[0]!.labels]).toEqual([...expected.first]);
      expect([...targets[i]!.stages[1]!.labels]).toEqual(expected.second);
    }
    expect(targets.some(({ stages }) => stages[1]!.labels.length > 0)).toBe(true);
    reader.dispose();
  });

  test("stands at the first digit of its place in the result", async () => {
    const reader = stagedReader();
    const { features } = await tinyBatch(reader, ragged);
    const [first] = features[3]!.stages;
    const { outputVocabulary } = reader.layers[0]!;
    const { ids, offsets } = first!.row;
    const result = [...ids.subarray(offsets[0]!, offsets[1]!)].map((id) =>
      reader.tokenizer.token(outputVocabulary[id]!),
    );
    // 19 = 7 + 12, -5 = 7 - 12, 5 = 12 - 7
    expect([...first!.givenPlaces].map((place) => result.slice(place, place + 3).join(" "))).toEqual([
      "1 ##9 =",
      "5 = 7",
      "5 = 1",
    ]);
    reader.dispose();
  });

  test("of results that are too many, the first quantities, which a prediction says", async () => {
    const reader = stagedReader();
    const passage = `${Array.from({ length: 14 }, (_, i) => `Ann has ${100 + i} nuts`).join(", ")}.`;
    const [prediction] = await reader.predict([{ passage, question: "Who?" }]);
    expect(prediction!.omittedQuantities).toBe(2);
    expect(prediction!.calls).toHaveLength(2);
    reader.dispose();
  });
});

const decimalOf = (value: number) => fromExample("numbers").values({ numbers: [value] }, "test")[0] as never;

describe("the model", () => {
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test.each(["mml", "none"] as const)(
    "has the gradient of its loss through both choices: %s",
    async (name) => {
      await tf.setBackend("cpu");
      const reader = stagedReader();
      const { inputs, answers } = await tinyBatch(reader, [
        {
          passage: "John has 7 nuts, Mark has 12 nuts, John gave 3 nuts to Ryan.",
          question: "How many nuts has John?",
          answer: "4",
        },
      ]);
      // The soft sample, whose gradient is exact: the straight-through one is biased on purpose.
      const options = { estimator: gumbelSoftmax({ temperature: 1 }), vocabulary: reader.tokenizer };
      const layers = names.map((one) => registry.layer(one, options));
      const parameters = reader.parameters();
      const loss = () =>
        readerLoss(reader.model, inputs, answers, {
          layers,
          argumentLoss: ARGUMENT_LOSSES[name],
          noise: key(3),
        }).total;
      expectGradient(loss, parameters, { seed: 11, directions: 2 });
    },
  );

  test("the argument loss is -log of each function's chance to go on to the answer", async () => {
    const reader = stagedReader();
    const { inputs, answers } = await tinyBatch(reader, ragged, 2);
    const options = { layers: reader.layers, argumentLoss: ARGUMENT_LOSSES.mml, noise: key(6) };
    const { argument, computed } = readerLoss(reader.model, inputs, answers, options);
    const { stages } = reader.model.forward(inputs, reader.layers, { noise: key(6) });
    let total = 0;
    let right = 0;
    for (const row of ragged.keys()) {
      let before = 0;
      for (const [stage, { scores, mask, called }] of stages.entries()) {
        const own = scores.arraySync()[row]!;
        const allowed = mask.arraySync()[row]!;
        const labels = answers.stages[stage]!.labels.arraySync()[row]!.slice(
          before * own.length,
          (before + 1) * own.length,
        );
        const weights = own.map((score, i) => (allowed[i] ? Math.exp(score) : 0));
        const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
        const chance = sum(weights.map((weight, i) => weight * labels[i]!)) / sum(weights);
        if (chance > 0) total -= Math.log(chance);
        before = called.joint.index.arraySync()[row]!;
      }
      right += answers.stages.at(-1)!.labels.arraySync()[row]![before]!;
    }
    expect(total).toBeGreaterThan(0.5);
    expect(argument.dataSync()[0]).toBeCloseTo(total / ragged.length, 4);
    expect(computed.dataSync()[0]).toBeCloseTo(right / ragged.length, 6);
  });

  test("reads the joined text: question, passage, each result with its [SEP], wherever padding is", async () => {
    const reader = stagedReader();
    const batch = await tinyBatch(reader, ragged, 3);
    const { stages, spans } = reader.model.forward(batch.inputs, reader.layers, { noise: key(8) });
    const start = spans.start.arraySync();
    const mask = spans.mask.arraySync();
    const { sep } = reader.tokenizer.special;
    for (const [row, { ids, passageStart }] of batch.features.entries()) {
      const results = stages.map(({ called }) =>
        called.tokens.ids.arraySync()[row]!.slice(0, called.tokens.lengths.arraySync()[row]!),
      );
      const joined = [...ids, ...results.flatMap((result) => [...result, sep])];
      const integers = (values: number[]) => tf.tensor2d([values], undefined, "int32");
      const plain = {
        ids: integers([...joined, sep]),
        mask: tf.ones([1, joined.length]) as tf.Tensor2D,
        answerable: tf.ones([1, joined.length]) as tf.Tensor2D,
        positions: integers(joined.map((_, i) => i)),
        segments: integers(joined.map((_, i) => (i < passageStart ? 0 : 1))),
        stages: [],
      };
      const read = reader.model.read(plain, reader.model.embed(plain), []).start.arraySync()[0]!;
      const from = batch.shape.tokens - ids.length;
      for (const [i, logit] of read.entries()) expect(start[row]![from + i]).toBeCloseTo(logit, 4);
      const behind = mask[row]!.slice(batch.shape.tokens, batch.shape.tokens + joined.length - ids.length);
      expect(behind).toEqual(results.flatMap((result) => [...result.map(() => 1), 0]));
    }
  });

  test("spans of both results count where the sequence has them", async () => {
    const reader = stagedReader();
    const { inputs, answers, shape } = await tinyBatch(reader, ragged, 1);
    const { stages } = reader.model.forward(inputs, reader.layers, { noise: key(2) });
    let found = 0;
    for (const [row, { answer }] of ragged.entries()) {
      const results = stages.map(({ called }) =>
        called.tokens.ids.arraySync()[row]!.slice(0, called.tokens.lengths.arraySync()[row]!),
      );
      const behind = results.flatMap((result) => [...result, -1]);
      const wanted = Array.from(reader.tokenizer.encode(answer));
      for (const [stage, { called }] of stages.entries()) {
        const { spans } = answers.stages[stage]!;
        const list = spans.arraySync()[row]![called.joint.index.arraySync()[row]!]!;
        const count = list.length / 3;
        for (let i = 0; i < count; i++) {
          if (!list[2 * count + i]) continue;
          const [from, to] = [list[i]! - shape.tokens, list[count + i]! - shape.tokens];
          expect(behind.slice(from, to + 1)).toEqual(wanted);
          expect(from >= results.slice(0, stage).reduce((sum, { length }) => sum + length + 1, 0)).toBe(true);
          found++;
        }
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  test("the choice gradient is that of both choices", async () => {
    const gradientsOf = async (choiceGradient: number) => {
      const reader = stagedReader();
      const { inputs, answers } = await tinyBatch(reader, tinyData(4));
      const { gradients } = valueAndGradients(
        () =>
          readerLoss(reader.model, inputs, answers, { layers: reader.layers, noise: key(2), choiceGradient })
            .total,
        reader.parameters(),
      );
      const largest = (prefix: string) =>
        Math.max(
          0,
          ...[...gradients]
            .filter(([id]) => id.startsWith(prefix))
            .flatMap(([, x]) => [...x.abs().dataSync()]),
        );
      return ["terms.", "laterTerms."].map(largest);
    };
    for (const largest of await gradientsOf(1)) expect(largest).toBeGreaterThan(1e-5);
    expect(await gradientsOf(0)).toEqual([0, 0]);
  });
});

describe("a reader of two functions", () => {
  test("answers alike in any batch, saved and loaded, and exported; explains, and is analyzed", async () => {
    const reader = stagedReader();
    const together = await reader.predict(ragged);
    for (const [i, { calls, answer, source, call, start, end }] of together.entries()) {
      expect(calls.map((one) => one.function)).toEqual(i < 4 ? names : []);
      const text = source === "function" ? calls[call!]!.result : ragged[i]![source];
      expect(text.slice(start, end)).toBe(answer);
      const [alone] = await reader.predict([ragged[i]!]);
      expect(alone!.calls.map((one) => one.arguments)).toEqual(calls.map((one) => one.arguments));
      expect(alone!.score).toBeCloseTo(together[i]!.score, 4);
    }
    const place = join(folder, "saved");
    if (available) await exportReader(reader, place);
    else await reader.save(place);
    const { functions, limits } = JSON.parse(await readFile(join(place, "reader.json"), "utf8"));
    expect(functions).toEqual(names);
    expect(limits.quantities).toBe(12);
    const again = await loadReader(place, { registry });
    expect(await again.predict(ragged)).toEqual(together);
    again.dispose();
    if (available) {
      const exported = await loadExportedReader(place);
      const theirs = await exported.predict(ragged);
      expect(theirs.map(({ answer }) => answer)).toEqual(together.map(({ answer }) => answer));
      for (const [i, { calls }] of together.entries()) {
        expect(theirs[i]!.calls.map((one) => ({ ...one, probability: 0 }))).toEqual(
          calls.map((one) => ({ ...one, probability: 0 })),
        );
      }
      await exported.dispose();
    }

    const explanation = await explainPrediction(reader, ragged[0]!, { steps: 4 });
    const [text] = await createReaderFeatures([ragged[0]!], reader.featureOptions, String);
    const results = explanation.prediction.calls.map(({ result }) => result);
    expect(explanation.tokens.map(({ token }) => token)).toEqual(
      joinText(text!, results, reader.tokenizer).tokens.map(({ token }) => token),
    );
    const page = renderExplanation(explanation);
    for (const name of ["Result 1", "Result 2"]) expect(page).toContain(name);
    const analysis = await analyzeReader(reader, ragged, { key: key(0) });
    expect(analysis.usage!.permutation!.count).toBe(4);
    reader.dispose();
  });

  test("a list of one name is that name; what cannot follow is refused", () => {
    const reader = stagedReader({ function: [calculator.name] });
    expect(reader.config.function).toBe(calculator.name);
    reader.dispose();
    const later = defineFunction({ ...difference, symmetric: [] });
    const broken = createRegistry([calculator, later]);
    expect(() =>
      createReader({
        registry: broken,
        key: key(1),
        config: { ...TINY, function: [calculator.name, later.name] },
      }),
    ).toThrow(/E_USAGE test\.difference\.v1 takes results of test\.sum\.v1.*symgrad\.calculator/);
    expect(() => stagedReader({ function: [] })).toThrow(/E_FORMAT .*`function`/);
  });
});

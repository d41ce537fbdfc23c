import { key, valueAndGradients } from "@symgrad/core";
import { gumbelSoftmax } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ARGUMENT_LOSSES, evaluateReader } from "../src/index";
import { createReaderFeatures, createReaderTargets } from "../src/reader/readerFeatures";
import { readerLoss } from "../src/reader/readerLoss";
import { expectGradient } from "./expectGradient";
import { registry, type TinyBatch, tinyBatch, tinyData, tinyReader } from "./tinyReader";

beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const softmax = (logits: number[], mask: number[]): number[] => {
  const largest = Math.max(...logits.filter((_, i) => mask[i]));
  const weights = logits.map((logit, i) => (mask[i] ? Math.exp(logit - largest) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};

describe("l_end", () => {
  test.each([true, false])(
    "equals the sum over all spans of the whole sequence, calculator: %s",
    async (calculator) => {
      const reader = tinyReader({ calculator });
      const examples = tinyData(12);
      const { inputs, answers, shape } = await tinyBatch(reader, examples, 3);
      const noise = key(5);
      const { end, covered } = readerLoss(reader.model, inputs, answers, { layers: reader.layers, noise });
      const { spans, stages } = reader.model.forward(inputs, reader.layers, { noise });
      const [start, stop, mask] = [spans.start, spans.end, spans.mask].map(
        (x) => x.arraySync() as number[][],
      );
      const text = inputs.ids.arraySync();
      const result = stages[0]?.called.tokens.ids.arraySync();
      const lengths = stages[0]?.called.tokens.lengths.arraySync();

      let total = 0;
      let withSpan = 0;
      for (const [row, { answer }] of examples.entries()) {
        // What the second pass reads, with the result behind the text and -1 where there is no token.
        const ids = [...text[row]!.slice(0, shape.tokens)];
        if (result) {
          for (let i = 0; i < shape.stages[0]!.length; i++)
            ids.push(i < lengths![row]! ? result[row]![i]! : -1);
          ids.push(-1);
        }
        const p = softmax(start![row]!, mask![row]!);
        const q = softmax(stop![row]!, mask![row]!);
        const wanted = Array.from(reader.tokenizer.encode(answer));
        let sum = 0;
        for (let from = 0; from + wanted.length <= ids.length; from++) {
          const to = from + wanted.length;
          if (!wanted.every((id, i) => ids[from + i] === id)) continue;
          if (ids[to] !== undefined && ids[to] >= 0 && reader.tokenizer.isContinuation(ids[to])) continue;
          sum += p[from]! * q[to - 1]!;
        }
        if (sum > 0) {
          total -= Math.log(sum);
          withSpan++;
        }
      }
      expect(withSpan).toBeGreaterThan(2);
      if (calculator) expect(withSpan).toBeLessThan(examples.length);
      expect(end.dataSync()[0]).toBeCloseTo(total / examples.length, 4);
      expect(covered.dataSync()[0]).toBeCloseTo(withSpan / examples.length, 6);
    },
  );
});

describe("the whole model", () => {
  test.each([
    ["mml", true, 0],
    ["bce", true, 0],
    ["none", false, 0],
    ["mml", true, 4],
  ] as const)(
    "has the gradient of its loss: %s, calculator: %s, marginal of %i",
    async (argument, calculator, marginal) => {
      const reader = tinyReader({ calculator });
      const { inputs, answers } = await tinyBatch(reader, tinyData(3));
      // The soft sample, whose gradient is exact: the straight-through one is biased on purpose.
      const layer = calculator
        ? registry().layer("symgrad.calculator.v1", {
            estimator: gumbelSoftmax({ temperature: 1 }),
            vocabulary: reader.tokenizer,
          })
        : undefined;
      const parameters = reader.parameters();
      const loss = () =>
        readerLoss(reader.model, inputs, answers, {
          layers: layer ? [layer] : [],
          argumentLoss: ARGUMENT_LOSSES[argument],
          noise: key(3),
          marginal,
        }).total;
      expectGradient(loss, parameters, { seed: 11, directions: 6 });
    },
  );

  test("padding changes nothing: alone, in a batch, with room", async () => {
    const reader = tinyReader();
    const examples = [
      ...tinyData(3),
      {
        passage: "John has 7 nuts, Mark has 1,234,567 nuts.",
        question: "Who has more nuts?",
        answer: "Mark",
      },
      { passage: "No number here.", question: "Who?", answer: "here" },
    ];
    const score = ({ inputs }: TinyBatch) => {
      const { stages, spans } = reader.model.forward(inputs, reader.layers);
      return {
        scores: stages[0]!.scores.arraySync(),
        start: spans.start.arraySync(),
        mask: spans.mask.arraySync(),
      };
    };
    const together = score(await tinyBatch(reader, examples, 5));
    const real = (row: { start: number[][]; mask: number[][] }, i: number) =>
      row.start[i]!.filter((_, token) => row.mask[i]![token]);
    for (const [i, example] of examples.entries()) {
      const batch = await tinyBatch(reader, [example]);
      const alone = score(batch);
      const count = batch.features[0]!.stages[0]!.candidates;
      expect(real(together, i).length).toBe(real(alone, 0).length);
      for (const [token, logit] of real(alone, 0).entries()) {
        expect(real(together, i)[token]).toBeCloseTo(logit, 4);
      }
      for (let candidate = 0; candidate < count; candidate++) {
        expect(together.scores[i]![candidate]).toBeCloseTo(alone.scores[0]![candidate]!, 4);
      }
    }
  });

  test("reading with a result equals reading the joined text: question, passage, result, [SEP]", async () => {
    const reader = tinyReader();
    const { inputs, features, shape } = await tinyBatch(reader, tinyData(4), 2);
    const { spans, stages } = reader.model.forward(inputs, reader.layers, { noise: key(8) });
    const start = spans.start.arraySync();
    const result = stages[0]!.called.tokens.ids.arraySync();
    for (const [row, { ids, passageStart }] of features.entries()) {
      const length = stages[0]!.called.tokens.lengths.arraySync()[row]!;
      const { sep } = reader.tokenizer.special;
      const joined = [...ids, ...result[row]!.slice(0, length), sep];
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
      const from = shape.tokens - ids.length;
      for (const [i, logit] of read.entries()) expect(start[row]![from + i]).toBeCloseTo(logit, 4);
    }
  });

  test("an example nothing can answer costs nothing and moves nothing", async () => {
    const reader = tinyReader();
    const { inputs, answers } = await tinyBatch(reader, [
      { passage: "No number here.", question: "Who?", answer: "Nobody at all" },
    ]);
    const { value, gradients } = valueAndGradients(
      () =>
        readerLoss(reader.model, inputs, answers, {
          layers: reader.layers,
          argumentLoss: ARGUMENT_LOSSES.mml,
          noise: key(0),
        }).total,
      reader.parameters(),
    );
    expect(Math.abs(value.dataSync()[0]!)).toBe(0);
    for (const gradient of gradients.values()) {
      for (const entry of gradient.dataSync()) expect(Math.abs(entry)).toBe(0);
    }
  });
});

describe("the choice", () => {
  /** Gradients of the end loss alone. */
  const gradientsOf = async (choiceGradient: number) => {
    const reader = tinyReader();
    const { inputs, answers } = await tinyBatch(reader, tinyData(6));
    const { gradients } = valueAndGradients(
      () =>
        readerLoss(reader.model, inputs, answers, { layers: reader.layers, noise: key(2), choiceGradient })
          .total,
      reader.parameters(),
    );
    return [...gradients].filter(([name]) => name.startsWith("terms.")).map(([, x]) => [...x.dataSync()]);
  };

  test("gets the end loss's gradient in full, in part, or not at all", async () => {
    const [full, half, none] = [await gradientsOf(1), await gradientsOf(0.5), await gradientsOf(0)];
    expect(Math.max(...full.flat().map(Math.abs))).toBeGreaterThan(1e-4);
    for (const [i, value] of full.flat().entries()) expect(half.flat()[i]).toBeCloseTo(value / 2, 7);
    expect(none.flat().every((value) => Math.abs(value) === 0)).toBe(true);
  });
});

describe("the marginal over the most probable choices", () => {
  const examples = [
    ...tinyData(4),
    { passage: "No number here.", question: "Who?", answer: "here" },
    { passage: "Ann has 7 nuts, Bo has 5 nuts.", question: "How many?", answer: "none of it" },
  ];

  test.each([1, 3, 100])("of %i equals the sum over what is read with each", async (count) => {
    const reader = tinyReader();
    const { inputs, answers, shape } = await tinyBatch(reader, examples, 1);
    const { end, covered } = readerLoss(reader.model, inputs, answers, {
      layers: reader.layers,
      marginal: count,
    });
    const { stages } = reader.model.forward(inputs, reader.layers);
    const allowed = inputs.stages[0]!.results.mask.arraySync();
    const probs = stages[0]!.scores.arraySync().map((row, i) => softmax(row, allowed[i]!));
    // Minus log p(y | x, F_i) for every candidate, from the loss with a layer that must choose it.
    const forced: { losses: number[]; covered: number[] }[] = [];
    for (let candidate = 0; candidate < shape.stages[0]!.candidates; candidate++) {
      const mask = tf.tensor2d(allowed.map((row) => row.map((ok, i) => (i === candidate ? ok : 0))));
      const [stage] = inputs.stages;
      const only = { ...inputs, stages: [{ ...stage!, results: { ...stage!.results, mask } }] };
      const each = examples.map((_, row) => {
        const one = <T>(x: T): T =>
          (x instanceof tf.Tensor
            ? x.slice(row, 1)
            : Array.isArray(x)
              ? x.map(one)
              : Object.fromEntries(
                  Object.entries(x as object).map(([name, value]) => [name, one(value)]),
                )) as T;
        const loss = readerLoss(reader.model, one(only), one(answers), { layers: reader.layers });
        return { loss: loss.end.dataSync()[0]!, covered: loss.covered.dataSync()[0]! };
      });
      forced.push({ losses: each.map(({ loss }) => loss), covered: each.map((one) => one.covered) });
    }
    let total = 0;
    let coveredCount = 0;
    for (const row of examples.keys()) {
      const order = [...probs[row]!.keys()]
        .filter((i) => allowed[row]![i])
        .sort((a, b) => probs[row]![b]! - probs[row]![a]!)
        .slice(0, count);
      const likelihood = (i: number) => forced[i]!.covered[row]! * Math.exp(-forced[i]!.losses[row]!);
      const sum =
        order.length > 0 ? order.reduce((s, i) => s + probs[row]![i]! * likelihood(i), 0) : likelihood(0);
      if (sum > 0) {
        total -= Math.log(sum);
        coveredCount++;
      }
    }
    expect(coveredCount).toBeGreaterThan(1);
    expect(end.dataSync()[0]).toBeCloseTo(total / examples.length, 4);
    expect(covered.dataSync()[0]).toBeCloseTo(coveredCount / examples.length, 6);
  });
});

describe("labels", () => {
  test("are what exhaustive search finds, as the generator says", async () => {
    const reader = tinyReader();
    const examples = tinyData(40);
    const { features, targets } = await tinyBatch(reader, examples);
    let labelled = 0;
    for (const [i, example] of examples.entries()) {
      const { tuples } = features[i]!.stages[0]!.row;
      const found = [...targets[i]!.stages[0]!.labels].map((candidate) => [
        tuples[2 * candidate],
        tuples[2 * candidate + 1],
      ]);
      const { arg_labels } = example as unknown as { arg_labels: number[][] };
      expect(found).toEqual(arg_labels);
      if (found.length > 0) labelled++;
    }
    expect(labelled).toBeGreaterThan(5);
  });

  test("several right answers: each span and each candidate once", async () => {
    const reader = tinyReader();
    const text = { passage: "Ann has 7 nuts, Bo has 5 nuts.", question: "How many nuts has Ann?" };
    const [prepared] = await createReaderFeatures([text], reader.featureOptions, String);
    const targets = (answers: string[]) =>
      createReaderTargets(prepared!.features, answers, reader.featureOptions);
    expect(targets(["7", "7", "2", "02"])).toEqual(targets(["7", "2"]));
    expect([...targets(["7", "2"]).stages[0]!.labels]).toEqual([0]);
    expect(targets(["7", "2"]).spans).toHaveLength(2);
    const [prediction] = await reader.predict([text]);
    const scores = await evaluateReader(reader, [
      { ...text, answer: "no", answers: ["no", prediction!.answer] },
    ]);
    expect(scores).toMatchObject({ f1: 1, exactMatch: 1, count: 1 });
  });
});

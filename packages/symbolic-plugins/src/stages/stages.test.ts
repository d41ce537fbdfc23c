import { AdamW, key, valueAndGradients } from "@symgrad/core";
import { gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { defineFunction } from "../define";
import { gatherChoice } from "../layer/gatherChoice";
import { gatherKept, keepTop } from "../layer/keepTop";
import { tokens } from "../output";
import { createRegistry } from "../registry";
import { ok, undefinedResult } from "../result";
import { fromStage } from "./fromStage";

beforeAll(async () => void (await tf.setBackend("cpu")));

const sum = defineFunction({
  name: "test.sum.v1",
  args: { a: fromExample("numbers"), b: fromExample("numbers") },
  where: distinct,
  symmetric: ["a", "b"],
  run: ({ a, b }) => ok(a.plus(b).toFixed()),
  output: tokens(),
  maxLength: 8,
});
const difference = defineFunction({
  name: "test.difference.v1",
  args: { total: fromStage(sum), c: fromExample("numbers") },
  run: ({ total, c }) => ok(total.minus(c).toFixed()),
  output: tokens(),
  maxLength: 8,
});
const vocabulary = digitVocabulary();

function layers(create = straightThroughGumbel, onUndefined: "mask" | "zero" = "mask") {
  const registry = createRegistry([sum, difference, quotient]);
  const options = { estimator: create({ temperature: 1 }), vocabulary, onUndefined };
  return {
    first: registry.layer(sum.name, options),
    second: registry.layer(difference.name, options),
    third: registry.layer(quotient.name, options),
  };
}

const quotient = defineFunction({
  name: "test.quotient.v1",
  args: { difference: fromStage(difference), divisor: fromExample("divisors") },
  where: ({ difference: d }) => !d.isNegative(),
  run: ({ difference: d, divisor }) =>
    divisor === "0" ? undefinedResult("division by zero") : ok(d.div(divisor).toFixed()),
  output: tokens(),
  maxLength: 8,
});

const onehot = (rows: number[], width: number) =>
  tf.tensor2d(rows.map((chosen) => Array.from({ length: width }, (_, i) => (i === chosen ? 9 : 0))));

describe("(a + b) - c", () => {
  const examples = [{ numbers: [5, 2, 9] }, { numbers: [10, 4] }];

  test("the table holds F for every combination of both stages' candidates", () => {
    const { first, second } = layers();
    const sums = first.prepareSync(first.candidates(examples));
    const both = second.prepareAfterSync([sums], examples);
    expect(both.inputs.mask.shape).toEqual([2, 3 * 3]);
    expect(both.tuples(0)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const texts = Array.from({ length: 9 }, (_, i) => (both.result(0, i) as { text: string }).text);
    expect(texts).toEqual(["2", "5", "-2", "9", "12", "5", "6", "9", "2"]); // 7, 14, 11 minus 5, 2, 9
    // The second example has 1 sum and 2 numbers: the rest of its table is padding, row by row.
    expect(Array.from(both.inputs.mask.dataSync()).slice(9)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("each pair of choices reads its own result", () => {
    const { first, second } = layers();
    const sums = first.prepareSync(first.candidates(examples));
    const both = second.prepareAfterSync([sums], examples);
    for (const [i, j, expected] of [
      [0, 0, "2"],
      [1, 2, "5"],
      [2, 1, "9"],
    ] as const) {
      const stage = first.apply(onehot([i, 0], 3), sums);
      const applied = second.apply(onehot([j, 1], 3), both, { after: [stage] });
      expect(Array.from(applied.choice.index.dataSync())).toEqual([j, 1]);
      const chosen = both.result(0, applied.joint.index.dataSync()[0]!);
      expect((chosen as { text: string }).text).toBe(expected);
      const read = Array.from(applied.tokens.ids.dataSync()).slice(0, expected.length);
      expect(read).toEqual(vocabulary.encode(expected));
      expect(applied.trace.probability().dataSync()[0]).toBeCloseTo(
        stage.choice.probs.dataSync()[i]! * applied.choice.probs.dataSync()[j]!,
        6,
      );
    }
  });

  test.each([
    ["straight-through", straightThroughGumbel],
    ["soft", gumbelSoftmax],
  ] as const)(
    "%s: F~ and its gradient to both stages' scores are those of the dense double sum",
    (_, create) => {
      const estimator = create({ temperature: 1 });
      const { first, second } = layers(create);
      const sums = first.prepareSync(first.candidates(examples));
      const both = second.prepareAfterSync([sums], examples);
      const slopes = tf.randomNormal([2, both.inputs.ids.shape[2], vocabulary.size], 0, 1, "float32", 3);
      const scores = [1, 2].map((seed) => tf.randomNormal([2, 3], 0, 1, "float32", seed));
      const viaLayer = (s: tf.Tensor, t: tf.Tensor) => {
        const stage = first.apply(s as tf.Tensor2D, sums, { key: key(7) });
        const { tokens: read } = second.apply(t as tf.Tensor2D, both, { after: [stage], key: key(8) });
        return tf.sum(tf.mul(read.dense(), slopes)) as tf.Scalar;
      };
      const value = Array.from({ length: 2 }, (_, e) =>
        Array.from({ length: 9 }, (_, k) => {
          const { ids, lengths } = both.inputs;
          const length = lengths.arraySync()[e]![k]!;
          const local = ids.arraySync()[e]![k]!.slice(0, length);
          const slope = slopes.arraySync() as number[][][];
          return local.reduce((total, id, at) => total + slope[e]![at]![second.outputVocabulary[id]!]!, 0);
        }),
      );
      const viaDense = (s: tf.Tensor, t: tf.Tensor) => {
        const z1 = estimator.choose(s as tf.Tensor2D, { key: key(7), mask: sums.inputs.mask });
        const allowed = gatherChoice(tf.reshape(both.inputs.mask, [2, 3, 3]), z1.index) as tf.Tensor2D;
        const z2 = estimator.choose(t as tf.Tensor2D, { key: key(8), mask: allowed });
        const table = tf.reshape(tf.tensor2d(value), [2, 3, 3]);
        return tf.sum(
          tf.mul(tf.mul(tf.expandDims(z1.weights, 2), tf.expandDims(z2.weights, 1)), table),
        ) as tf.Scalar;
      };
      const [actual, expected] = [viaLayer, viaDense].map((f) => tf.valueAndGrads(f)(scores));
      expect(relativeError(actual!.value.dataSync(), expected!.value.dataSync())).toBeLessThan(1e-5);
      for (const i of [0, 1]) {
        expect(Math.max(...expected!.grads[i]!.abs().dataSync())).toBeGreaterThan(0.01);
        expect(relativeError(actual!.grads[i]!.dataSync(), expected!.grads[i]!.dataSync())).toBeLessThan(
          1e-5,
        );
      }
    },
  );

  test("is learned from the end loss alone", () => {
    // 4 numbers in fixed roles: the answer is (n0 + n2) - n3. Only the difference's digits are seen.
    const { first, second } = layers();
    const numbers = (i: number) => [11 + 7 * i, 3 + 5 * i, 40 + 3 * i, 1 + 2 * i];
    const batch = Array.from({ length: 8 }, (_, i) => ({ numbers: numbers(i % 8) }));
    const sums = first.prepareSync(first.candidates(batch));
    const both = second.prepareAfterSync([sums], batch);
    const length = both.inputs.ids.shape[2];
    const answers = batch.map(({ numbers: n }) => vocabulary.encode(String(n[0]! + n[2]! - n[3]!)));
    const wanted = tf.tensor2d(
      answers.map((ids) => Array.from({ length }, (_, i) => ids[i] ?? -1)),
      undefined,
      "int32",
    );
    const target = tf.cast(
      tf.equal(tf.expandDims(wanted, 2), tf.range(0, vocabulary.size, 1, "int32")),
      "float32",
    );
    const s = tf.variable(tf.zeros([6]));
    const t = tf.variable(tf.zeros([4]));
    const parameters = new Map([
      ["s", s],
      ["t", t],
    ]);
    const optimizer = new AdamW({ parameters, weightDecay: 0 });
    const rows = (v: tf.Tensor, n: number) => tf.tile(tf.reshape(v, [1, n]), [8, 1]) as tf.Tensor2D;
    const forward = (random?: ReturnType<typeof key>) => {
      const stage = first.apply(rows(s, 6), sums, { key: random?.fold("first") });
      return second.apply(rows(t, 4), both, { key: random?.fold("second"), after: [stage] });
    };
    for (let step = 0; step < 250; step++) {
      tf.tidy(() => {
        const { gradients } = valueAndGradients(
          () => tf.mean(tf.sum(tf.square(tf.sub(forward(key(step)).tokens.dense(), target)), [1, 2])),
          parameters,
        );
        optimizer.apply(gradients, tf.scalar(0.05));
      });
    }
    const { joint } = forward();
    const read = Array.from(
      joint.index.dataSync(),
      (chosen, e) => (both.result(e, chosen) as { text: string }).text,
    );
    expect(read).toEqual(batch.map(({ numbers: n }) => String(n[0]! + n[2]! - n[3]!)));
    expect(first.candidates(batch).tuples(0)[tf.argMax(s).dataSync()[0]!]).toEqual([0, 2]);
    expect(both.tuples(0)[tf.argMax(t).dataSync()[0]!]).toEqual([0, 3]);
  });
});

describe("three stages", () => {
  const examples = [{ numbers: [5, 2], divisors: ["2", "0"] }];

  test("a staged result is a stage of the next; what an undefined or excluded one would give is no candidate", () => {
    const { first, second, third } = layers();
    const sums = first.prepareSync(first.candidates(examples));
    const differences = second.prepareAfterSync([sums], examples); // 7 - 5, 7 - 2
    const quotients = third.prepareAfterSync([differences], examples);
    expect(quotients.tuples(0)).toEqual([
      [0, 0],
      [0, 1],
    ]);
    expect(Array.from(quotients.inputs.mask.dataSync())).toEqual([1, 0, 1, 0]);
    expect(quotients.undefinedCounts).toEqual({ "division by zero": 2 });
    const a = first.apply(tf.zeros([1, 1]), sums);
    const b = second.apply(tf.tensor2d([[0, 1]]), differences, { after: [a] });
    const c = third.apply(tf.tensor2d([[0, 5]]), quotients, { after: [b] });
    expect(c.choice.index.dataSync()[0]).toBe(0); // the divisor 0 is masked
    expect(quotients.result(0, c.joint.index.dataSync()[0]!)).toMatchObject({ text: "2.5" });
  });

  test("examples with different numbers of candidates read what they chose", () => {
    const ragged = [
      { numbers: [5, 2, 9, 1], divisors: ["1"] },
      { numbers: [10, 4, 7], divisors: ["1", "2"] },
    ];
    const { first, second, third } = layers();
    const sums = first.prepareSync(first.candidates(ragged)); // 10 + 4, 10 + 7, 4 + 7
    const differences = second.prepareAfterSync([sums], ragged);
    const quotients = third.prepareAfterSync([differences], ragged);
    const a = first.apply(onehot([0, 1], 6), sums);
    const b = second.apply(onehot([0, 2], 4), differences, { after: [a] }); // 17 - 7
    const c = third.apply(onehot([0, 1], 2), quotients, { after: [b] }); // 10 / 2
    expect(Array.from(c.tokens.ids.dataSync()).slice(-c.tokens.ids.shape[1]!)).toEqual(
      Array.from({ length: c.tokens.ids.shape[1]! }, (_, i) => vocabulary.encode("5")[i] ?? 0),
    );
    expect(c.tokens.lengths.dataSync()[1]).toBe(1);
  });

  test("an undefined stage that may be chosen reads as nothing", () => {
    const { first, second, third } = layers(straightThroughGumbel, "zero");
    const negative = [{ numbers: [1, 9], divisors: ["2"] }];
    const sums = first.prepareSync(first.candidates(negative));
    const differences = second.prepareAfterSync([sums], negative); // 10 - 1, 10 - 9
    const quotients = third.prepareAfterSync([differences], negative);
    expect(quotients.inputs.mask.dataSync()).toEqual(Float32Array.from([1, 1]));
  });
});

describe("keepTop", () => {
  test("keeps the most probable candidates of a stage, tells what it drops, and lets the gradient through", () => {
    const examples = [{ numbers: [1, 20, 300] }, { numbers: [4, 5] }];
    const { first, second } = layers();
    const sums = first.prepareSync(first.candidates(examples));
    const scores = tf.tensor2d([
      [1, -1, 2],
      [0, 9, 9],
    ]);
    const { prepared, index, droppedMass } = keepTop(sums, scores, 2);
    expect(prepared.tuples(0)).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect([0, 1].map((i) => prepared.result(0, i))).toMatchObject([{ text: "21" }, { text: "320" }]);
    expect(Array.from(prepared.inputs.mask.dataSync())).toEqual([1, 1, 1, 0]);
    const powers = [1, -1, 2].map(Math.exp);
    expect(droppedMass[0]).toBeCloseTo(powers[1]! / powers.reduce((a, b) => a + b), 6);
    expect(droppedMass[1]).toBe(0);
    expect(gatherKept(scores, index).arraySync()).toEqual([
      [1, 2],
      [0, 0],
    ]);
    const slopes = tf.tensor2d([
      [3, 5],
      [7, 0],
    ]);
    const gradient = tf.grad((s) => tf.sum(tf.mul(gatherKept(s as tf.Tensor2D, index), slopes)))(scores);
    expect(gradient.arraySync()).toEqual([
      [3, 0, 5],
      [7, 0, 0],
    ]);
    expect(second.prepareAfterSync([prepared], examples).inputs.mask.shape).toEqual([2, 2 * 3]);
    expect(() => keepTop(second.prepareAfterSync([prepared], examples), scores, 1)).toThrow(
      failure("E_SHAPE"),
    );
    expect(() => keepTop(sums, scores, 0)).toThrow(failure("E_RANGE", "`k`"));
  });
});

describe("refused", () => {
  const examples = [{ numbers: [1, 2] }];

  test("a stage that is missing, twice, or of another batch", () => {
    const { first, second } = layers();
    const sums = first.prepareSync(first.candidates(examples));
    expect(() => second.candidates(examples)).toThrow(
      failure("E_USAGE", "stage test.sum.v1", "prepareAfter"),
    );
    expect(() => second.prepareAfterSync([], examples)).toThrow(failure("E_USAGE", "at least one stage"));
    expect(() => second.prepareAfterSync([sums, sums], examples)).toThrow(
      failure("E_USAGE", "same function"),
    );
    expect(() => second.prepareAfterSync([sums], [...examples, ...examples])).toThrow(
      failure("E_USAGE", "prepared for 1 examples, got 2"),
    );
    const three = [{ numbers: [1, 2, 3] }];
    const both = second.prepareAfterSync([first.prepareSync(first.candidates(three))], three);
    expect(() => second.apply(tf.zeros([1, 3]), both)).toThrow(failure("E_SHAPE", "`after`"));
    const other = first.apply(tf.zeros([1, 1]), sums);
    expect(() => second.apply(tf.zeros([1, 3]), both, { after: [other] })).toThrow(
      failure("E_SHAPE", "[1, 9]"),
    );
  });

  test("a result that is no value of the argument", () => {
    const words = defineFunction({
      name: "test.words.v1",
      args: { a: fromExample("numbers") },
      run: () => ok("the"),
      output: tokens({ symbols: ["the"] }),
      maxLength: 3,
    });
    const next = defineFunction({
      ...difference,
      symmetric: [],
      name: "test.next.v1",
      args: { total: fromStage(words), c: fromExample("numbers") },
    });
    const registry = createRegistry([words, next]);
    const options = { estimator: straightThroughGumbel({ temperature: 1 }), vocabulary };
    const [one, two] = [registry.layer(words.name, options), registry.layer(next.name, options)];
    const prepared = one.prepareSync(one.candidates(examples));
    expect(() => two.prepareAfterSync([prepared], examples)).toThrow(failure("E_FORMAT", "decimal", '"the"'));
  });

  test("tables above 65,536 candidates", () => {
    const { first, second } = layers();
    const many = [{ numbers: Array.from({ length: 60 }, (_, i) => i) }]; // 1,770 sums x 60
    const sums = first.prepareSync(first.candidates(many));
    expect(() => second.prepareAfterSync([sums], many)).toThrow(failure("E_RANGE", "1770 x 60", "65536"));
  });
});

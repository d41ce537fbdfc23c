import { key } from "@symgrad/core";
import { gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { listed } from "../../test/listed";
import { calculator } from "../builtin/calculator";
import { createRegistry } from "../registry";
import { collate } from "./collate";
import { gatherChoice } from "./gatherChoice";
import { compactRow } from "./preparedRow";
import type { LayerOptions } from "./symbolicLayer";

const vocabulary = digitVocabulary();
const estimator = straightThroughGumbel({ temperature: 1 });
const registry = createRegistry([listed, calculator]);
const listedLayer = (options: Partial<LayerOptions> = {}) =>
  registry.layer("test.listed.v1", { estimator, vocabulary, ...options });
const calculatorLayer = () => registry.layer(calculator.name, { estimator, vocabulary });

const idsOf = (text: string) => Array.from(vocabulary.encode(text));
const table = () => tf.randomNormal<tf.Rank.R2>([vocabulary.size, 4], 0, 1, "float32", 3);

describe("prepare", () => {
  test("ids, lengths and mask of a ragged batch", () => {
    const layer = listedLayer();
    const prepared = layer.prepareSync(
      layer.candidates([{ results: ["12", "!no", "7 = 7"] }, { results: [] }]),
    );
    const { ids, lengths, mask } = prepared.inputs;
    expect([ids.shape, ids.dtype, lengths.dtype, mask.dtype]).toEqual([
      [2, 3, 3],
      "int32",
      "int32",
      "float32",
    ]);
    expect(lengths.arraySync()).toEqual([
      [2, 0, 3],
      [0, 0, 0],
    ]);
    expect(mask.arraySync()).toEqual([
      [1, 0, 1],
      [0, 0, 0],
    ]);
    const globals = ids.arraySync()[0]!.map((row) => row.map((id) => layer.outputVocabulary[id]));
    expect(globals[0]!.slice(0, 2)).toEqual(idsOf("12"));
    expect(globals[2]).toEqual(idsOf("7 = 7"));
    expect(
      ids
        .arraySync()[1]!
        .flat()
        .every((id) => id === 0),
    ).toBe(true);
    expect(prepared.undefinedCounts).toEqual({ no: 1 });
    expect(prepared.result(0, 0)).toEqual({ text: "12", values: [], tokenIds: idsOf("12") });
    expect(prepared.result(0, 1)).toEqual({ undefined: "no" });
    expect(prepared.tuples(0)).toEqual([[0], [1], [2]]);
    expect(() => prepared.result(1, 0)).toThrow(failure("E_RANGE", "candidate 0 of example 1"));
    expect(() => prepared.tuples(2)).toThrow(failure("E_RANGE", "example 2"));
  });

  test("prepare gives what prepareSync gives", async () => {
    const layer = calculatorLayer();
    const candidates = layer.candidates([{ numbers: [72, 23, 5] }]);
    const [one, two] = [await layer.prepare(candidates), layer.prepareSync(candidates)];
    expect(one.inputs.ids.arraySync()).toEqual(two.inputs.ids.arraySync());
    expect(one.result(0, 0)).toMatchObject({ values: ["95", "49", "-49"] });
  });

  test("pads on request, and refuses to cut", () => {
    const layer = listedLayer();
    const candidates = layer.candidates([{ results: ["12", "7 = 7"] }]);
    expect(layer.prepareSync(candidates, { padCandidates: 5, padLength: 8 }).inputs.ids.shape).toEqual([
      1, 5, 8,
    ]);
    expect(() => layer.prepareSync(candidates, { padCandidates: 1 })).toThrow(
      failure("E_RANGE", "`candidates`", "2", "1"),
    );
    expect(() => layer.prepareSync(candidates, { padLength: 2 })).toThrow(
      failure("E_RANGE", "`length`", "3", "2"),
    );
    expect(() => layer.prepareSync(candidates, { padLength: 3.5 })).toThrow(failure("E_RANGE", "3.5"));
  });

  test("rows kept without texts collate to the same tensors, in any order, in a few KB each", () => {
    const layer = calculatorLayer();
    const numbers = (seed: number) =>
      Array.from({ length: 11 }, (_, i) => 1_000_000 + (((seed + i) * 777_777) % 8_999_999));
    const examples = [0, 1, 2].map((seed) => ({ numbers: numbers(seed) }));
    const rows = layer.prepareRowsSync(layer.candidates(examples)).map(compactRow);
    const swapped = layer.collate([rows[2]!, rows[0]!]);
    const direct = layer.prepareSync(layer.candidates([examples[2]!, examples[0]!])).inputs;
    for (const name of ["ids", "lengths", "mask"] as const) {
      expect(swapped[name].arraySync()).toEqual(direct[name].arraySync());
    }
    const { ids, offsets, mask, tuples, results } = rows[0]!;
    expect(results).toBeUndefined();
    expect([ids, offsets, mask, tuples].reduce((sum, array) => sum + array.byteLength, 0)).toBeLessThan(9500);
  });

  test("a batch in which nobody has a candidate still has a shape", () => {
    const { ids, mask } = collate(listedLayer().prepareRowsSync(listedLayer().candidates([{ results: [] }])));
    expect([ids.shape, mask.arraySync()]).toEqual([[1, 1, 1], [[0]]]);
  });
});

describe("apply", () => {
  test("reads the chosen result", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [72, 23, 5] }, { numbers: [1, 2] }]), {
      padLength: 40,
    });
    const { choice, tokens, trace } = layer.apply(
      tf.tensor2d([
        [0, 3, 1],
        [0, 9, 9],
      ]),
      prepared,
    );
    expect(Array.from(choice.index.dataSync())).toEqual([1, 0]); // padding is never chosen, whatever its score
    const expected = ["77 = 72 + 5, 67 = 72 - 5, -67 = 5 - 72", "3 = 1 + 2, -1 = 1 - 2, 1 = 2 - 1"].map(
      idsOf,
    );
    for (const [i, ids] of expected.entries()) {
      expect(tokens.lengths.arraySync()[i]).toBe(ids.length);
      expect(tokens.ids.arraySync()[i]).toEqual([...ids, ...new Array(40 - ids.length).fill(0)]);
      expect(tokens.mask.arraySync()[i]).toEqual([
        ...ids.map(() => 1),
        ...new Array(40 - ids.length).fill(0),
      ]);
    }
    const w = table();
    const embedded = tokens.embed(w).arraySync();
    expect(embedded[0]!.slice(0, expected[0]!.length)).toEqual(w.gather(expected[0]!).arraySync());
    expect(
      embedded[0]!
        .slice(expected[0]!.length)
        .flat()
        .every((x) => x === 0),
    ).toBe(true);
    expect(trace.function).toBe("symgrad.calculator.v1");
    const odds = [0, 3, 1].map(Math.exp);
    expect(trace.probability().dataSync()[0]).toBeCloseTo(odds[1]! / odds.reduce((a, b) => a + b), 5);
    expect(trace.probability().dataSync()[1]).toBe(1);
  });

  test("takes the tensors alone as well as the prepared batch", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [3, 4] }]));
    const scores = tf.tensor2d([[1]]);
    expect(layer.apply(scores, prepared.inputs).tokens.ids.arraySync()).toEqual(
      layer.apply(scores, prepared).tokens.ids.arraySync(),
    );
  });

  test("an example without candidates reads nothing and gets no gradient", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [3] }, { numbers: [3, 4, 5] }]));
    const scores = tf.tensor2d([
      [5, 6, 7],
      [1, 2, 3],
    ]);
    const { choice, tokens } = layer.apply(scores, prepared, { key: key(0) });
    expect(Array.from(choice.empty.dataSync())).toEqual([1, 0]);
    expect(tokens.mask.arraySync()[0]!.every((x) => x === 0)).toBe(true);
    expect(tokens.lengths.arraySync()[0]).toBe(0);
    const gradient = tf.grad((s) =>
      tf.sum(tf.square(layer.apply(s as tf.Tensor2D, prepared, { key: key(0) }).tokens.embed(table()))),
    )(scores);
    expect((gradient.arraySync() as number[][])[0]).toEqual([0, 0, 0]);
    expect((gradient.arraySync() as number[][])[1]!.some((x) => x !== 0)).toBe(true);
  });

  test("a row whose scores are all -Infinity reads nothing, though its results exist", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [3, 4, 5] }]));
    const { choice, tokens } = layer.apply(tf.fill([1, 3], -Infinity), prepared);
    expect(choice.empty.arraySync()).toEqual([1]);
    for (const tensor of [tokens.lengths, tokens.mask, tokens.ids, tokens.embed(table())]) {
      expect(Array.from(tensor.dataSync()).every((x) => x === 0)).toBe(true);
    }
  });

  test("a loss may use mask, ids, lengths and a gathered label beside the embedding", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [3, 4, 5] }]));
    const gradient = tf.grad((s) => {
      const { choice, tokens } = layer.apply(s as tf.Tensor2D, prepared, { key: key(0) });
      const label = gatherChoice(tf.tensor2d([[1, 2, 3]]), choice.index);
      const masked = tf.mul(tokens.embed(table()), tf.expandDims(tokens.mask, 2));
      return tf.sum(tf.mul(tf.square(masked), tf.reshape(label, [1, 1, 1])));
    })(tf.tensor2d([[1, 2, 3]]));
    expect(gradient.dataSync().some((x) => x !== 0)).toBe(true);
  });

  test("another temperature for one call", () => {
    const layer = calculatorLayer();
    const prepared = layer.prepareSync(layer.candidates([{ numbers: [3, 4, 5] }]));
    const gradient = (temperature?: number) =>
      Array.from(
        tf
          .grad((s) =>
            tf.sum(tf.square(layer.apply(s as tf.Tensor2D, prepared, { temperature }).tokens.embed(table()))),
          )(tf.tensor2d([[1, 2, 3]]))
          .dataSync(),
      );
    expect(gradient(1)).toEqual(gradient());
    expect(gradient(4)).not.toEqual(gradient());
  });
});

describe("onUndefined", () => {
  const examples = [{ results: ["!by zero", "12", "!by zero", "!no such day"] }];
  const scores = tf.tensor2d([[9, 1, 2, 3]]);

  test("mask: it cannot be chosen", () => {
    const layer = listedLayer({ onUndefined: "mask" });
    const prepared = layer.prepareSync(layer.candidates(examples));
    expect(prepared.undefinedCounts).toEqual({ "by zero": 2, "no such day": 1 });
    expect(Array.from(layer.apply(scores, prepared).choice.index.dataSync())).toEqual([1]);
  });

  test("zero: it can, and reads as nothing", () => {
    const layer = listedLayer({ onUndefined: "zero" });
    const prepared = layer.prepareSync(layer.candidates(examples));
    const { choice, tokens } = layer.apply(scores, prepared);
    expect([choice.index.arraySync(), choice.empty.arraySync(), tokens.lengths.arraySync()]).toEqual([
      [0],
      [0],
      [0],
    ]);
    expect(prepared.undefinedCounts).toEqual({ "by zero": 2, "no such day": 1 });
  });

  test("a token: it can, and reads as that token", () => {
    const layer = listedLayer({ onUndefined: { token: "[UNDEF]" } });
    const prepared = layer.prepareSync(layer.candidates(examples));
    expect(layer.apply(scores, prepared).tokens.ids.arraySync()).toEqual([[vocabulary.id("[UNDEF]"), 0]]);
    expect(prepared.undefinedCounts).toEqual({ "by zero": 2, "no such day": 1 });
  });

  test("fail: preparing it names the call, the reason and the place", async () => {
    const layer = listedLayer({ onUndefined: "fail" });
    const undefinedCall = failure(
      "E_UNDEFINED",
      "test.listed.v1",
      "!by zero",
      "candidate 0 of example 0",
      "onUndefined",
    );
    expect(() => layer.prepareSync(layer.candidates(examples))).toThrow(undefinedCall);
    await expect(layer.prepare(layer.candidates(examples))).rejects.toThrow(undefinedCall as Error);
    expect(layer.prepareSync(layer.candidates([{ results: ["12"] }])).undefinedCounts).toEqual({});
  });
});

describe("bad input", () => {
  const layer = calculatorLayer();
  const prepared = layer.prepareSync(layer.candidates([{ numbers: [3, 4, 5] }, { numbers: [1, 2] }]));

  test("NaN and +Infinity scores are named; those of masked candidates do not matter", () => {
    const apply = (scores: number[][]) => () => layer.apply(tf.tensor2d(scores), prepared);
    expect(
      apply([
        [1, 2, 3],
        [Number.NaN, 0, 0],
      ]),
    ).toThrow(failure("E_RANGE", "candidate 0 of example 1", "NaN"));
    expect(
      apply([
        [1, Infinity, 3],
        [0, 0, 0],
      ]),
    ).toThrow(failure("E_RANGE", "candidate 1 of example 0", "Infinity"));
    expect(
      apply([
        [1, -Infinity, 3],
        [0, Number.NaN, Infinity],
      ]),
    ).not.toThrow();
  });

  test("scores, tables and indices of another shape", () => {
    expect(() => layer.apply(tf.zeros([2, 2]), prepared)).toThrow(
      failure("E_SHAPE", "[2, 3]", "[2, 2]", "padCandidates"),
    );
    const { tokens } = layer.apply(tf.zeros([2, 3]), prepared);
    expect(() => tokens.embed(tf.zeros([5, 4]))).toThrow(
      failure("E_SHAPE", `${vocabulary.size} rows`, "[5, 4]"),
    );
    expect(() => gatherChoice(tf.zeros([2, 3]), tf.tensor1d([0], "int32"))).toThrow(
      failure("E_SHAPE", "[2, 3]", "[1]"),
    );
  });
});

test("gatherChoice picks along the candidates, and passes the gradient to what was picked", () => {
  const perCandidate = tf.tensor3d([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ]);
  const index = tf.tensor1d([1, 0], "int32");
  expect(gatherChoice(perCandidate, index).arraySync()).toEqual([
    [3, 4],
    [5, 6],
  ]);
  const gradient = tf.grad((x) => tf.sum(gatherChoice(x, index)))(perCandidate);
  expect(gradient.arraySync()).toEqual([
    [
      [0, 0],
      [1, 1],
    ],
    [
      [1, 1],
      [0, 0],
    ],
  ]);
});

describe.each([
  ["hard", straightThroughGumbel({ temperature: 1 })],
  ["soft", gumbelSoftmax({ temperature: 1 })],
])("memory, %s", (_, chosen) => {
  const layer = listedLayer({ estimator: chosen });
  const candidates = layer.candidates([{ results: ["12", "!no", "7 = 7"] }, { results: [] }]);
  const step = () => {
    const prepared = layer.prepareSync(candidates);
    const w = table();
    const scores = tf.tensor2d([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const gradients = tf.grads((s: tf.Tensor, t: tf.Tensor) => {
      const { tokens } = layer.apply(s as tf.Tensor2D, prepared, { key: key(1) });
      return tf.add(tf.sum(tf.square(tokens.embed(t as tf.Tensor2D))), tf.sum(tokens.dense()));
    })([scores, w]);
    return { prepared, all: [w, scores, ...gradients] };
  };

  test("inside tf.tidy nothing is left", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => void step());
    expect(tf.memory().numTensors).toBe(before);
  });

  test("outside, only what the caller was given", () => {
    const before = tf.memory().numTensors;
    const { prepared, all } = step();
    tf.dispose(all);
    expect(tf.memory().numTensors).toBe(before + 3);
    const scores = tf.zeros<tf.Rank.R2>([2, 3]);
    const { choice, tokens, trace } = layer.apply(scores, prepared, { key: key(1) });
    expect(tf.memory().numTensors).toBe(before + 3 + 1 + 4 + 3); // inputs, scores, choice, tokens
    tf.dispose([scores, trace.probability()]);
    tf.dispose([
      choice.index,
      choice.weights,
      choice.probs,
      choice.empty,
      tokens.mask,
      tokens.ids,
      tokens.lengths,
    ]);
    prepared.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

import { key } from "@symgrad/core";
import { type SampledEstimator, straightThroughGumbel } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test, vi } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { fromExample } from "../arguments/fromExample";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { mass } from "../pruning/mass";
import { topK } from "../pruning/topK";
import { createRegistry } from "../registry";
import { ok, undefinedResult } from "../result";
import type { LayerOptions } from "./symbolicLayer";

const vocabulary = digitVocabulary();
const pathwise = straightThroughGumbel({ temperature: 1 });

/** Looks at two samples and at nothing else. */
const twoSamples: SampledEstimator = {
  name: "two-samples",
  needs: "sampled",
  sample: (logits, { mask, key: drawn } = {}) =>
    [0, 1].map((i) => pathwise.choose(logits, { mask, key: drawn?.fold(i) }).index),
  expectedLoss(logits, loss, options) {
    const losses = this.sample(logits, options).map((index) =>
      loss(tf.oneHot(index, logits.shape[1]).toFloat() as tf.Tensor2D),
    );
    return tf.mean(tf.stack(losses), 0) as tf.Tensor1D;
  },
};

/** "!word" is undefined. */
function layerOf(options: Partial<LayerOptions> = {}) {
  const run = vi.fn(({ word }: { word: string }) =>
    word.startsWith("!") ? undefinedResult(word.slice(1)) : ok(word),
  );
  const fn = defineFunction({
    name: "test.lazy.v1",
    args: { word: fromExample("words") },
    run,
    output: tokens(),
    maxLength: 4,
  });
  const layer = createRegistry([fn]).layer(fn.name, { estimator: twoSamples, vocabulary, ...options });
  return { layer, called: () => run.mock.calls.map(([{ word }]) => word) };
}

const digits = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const scoresOf = (...rows: number[][]) => tf.tensor2d(rows);

describe("an estimator that needs samples alone", () => {
  const examples = [{ words: digits(60) }, { words: digits(40) }];
  const scores = tf.randomUniform<tf.Rank.R2>([2, 60], -1, 1, "float32", 5);

  test("has the function called for its samples alone", () => {
    const { layer, called } = layerOf();
    const candidates = layer.candidates(examples);
    const drawn = key(3);
    const prepared = layer.prepareSync(candidates, { scores, key: drawn });
    const mask = prepared.inputs.mask;
    const sampled = twoSamples
      .sample(scores, { mask, key: drawn })
      .map((index) => Array.from(index.dataSync()));
    expect(called().sort()).toEqual([...new Set(sampled.flat().map(String))].sort());
    expect(mask.sum().dataSync()[0]).toBe(100); // what was not looked at may be chosen all the same
    expect(prepared.inputs.mask.shape).toEqual([2, 60]);
    const other = digits(40).find((word) => !called().includes(word))!;
    expect(prepared.result(1, Number(other))).toEqual({ undefined: "not sampled" });
    expect(prepared.undefinedCounts).toEqual({});
  });

  test("without the scores all are evaluated, and the expected loss is the same", () => {
    const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, 3], 0, 1, "float32", 4);
    const [lazy, eager] = [layerOf(), layerOf()];
    const losses = [
      lazy.layer.prepareSync(lazy.layer.candidates(examples), { scores, key: key(7), padLength: 2 }),
      eager.layer.prepareSync(eager.layer.candidates(examples), { padLength: 2 }),
    ].map((prepared) =>
      Array.from(
        lazy.layer
          .expectedLoss(scores, prepared, (read) => tf.sum(tf.square(read.embed(table)), [1, 2]), {
            key: key(7),
          })
          .dataSync(),
      ),
    );
    expect(eager.called().length).toBe(60);
    expect(losses[0]).toEqual(losses[1]);
    expect(losses[0]!.every((loss) => loss > 0)).toBe(true);
  });

  test("a sample without a result is masked and drawn again, and counted", async () => {
    const { layer, called } = layerOf();
    const words = ["!no", "!never", "5"];
    const strong = scoresOf([9, 5, 0]); // the noise of this key does not change the order
    const prepared = await layer.prepare(layer.candidates([{ words }]), { scores: strong, key: key(1) });
    expect(called()).toEqual(words);
    expect(prepared.undefinedCounts).toEqual({ no: 1, never: 1 });
    expect(prepared.inputs.mask.arraySync()).toEqual([[0, 0, 1]]);
    const zero = layerOf({ onUndefined: "zero" });
    zero.layer.prepareSync(zero.layer.candidates([{ words }]), { scores: strong, key: key(1) });
    expect(zero.called()).toEqual(["!no"]);
  });

  test("nobody has a candidate", () => {
    const { layer, called } = layerOf();
    const prepared = layer.prepareSync(layer.candidates([{ words: [] }]), {
      scores: scoresOf([1]),
      key: key(0),
    });
    expect([called(), prepared.inputs.mask.arraySync()]).toEqual([[], [[0]]]);
  });

  test("cannot be applied; the error names what can be done", () => {
    const { layer } = layerOf();
    const prepared = layer.prepareSync(layer.candidates([{ words: ["1"] }]));
    expect(() => layer.apply(scoresOf([0]), prepared)).toThrow(
      failure("E_USAGE", "two-samples", "layer.expectedLoss"),
    );
  });
});

test("expectedLoss of an estimator with a choice is the loss of what apply reads", () => {
  const { layer } = layerOf({ estimator: pathwise });
  const prepared = layer.prepareSync(layer.candidates([{ words: ["12", "7"] }, { words: [] }]));
  const scores = scoresOf([1, 2], [0, 0]);
  const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, 3], 0, 1, "float32", 4);
  const lossOf = (embedded: tf.Tensor) => tf.sum(tf.square(embedded), [1, 2]) as tf.Tensor1D;
  for (const seed of [0, 1, 2, 3]) {
    const drawn = { key: key(seed) };
    const expected = layer.expectedLoss(scores, prepared, (read) => lossOf(read.embed(table)), drawn);
    const applied = lossOf(layer.apply(scores, prepared, drawn).tokens.embed(table));
    expect(Array.from(expected.dataSync())).toEqual(Array.from(applied.dataSync()));
    expect(expected.dataSync()[1]).toBe(0);
  }
});

describe("pruning", () => {
  const examples = [{ words: ["1", "2", "3", "4"] }, { words: ["5", "6"] }];
  const scores = tf.log(
    tf.tensor2d([
      [0.1, 0.5, 0.15, 0.25],
      [0.25, 0.75, 1, 1],
    ]),
  ) as tf.Tensor2D;

  test.each([
    [topK(2), ["2", "4", "5", "6"], [0.25, 0]],
    [mass(0.7), ["2", "4", "6"], [0.25, 0.25]],
    [topK(1), ["2", "6"], [0.5, 0.25]],
  ])(
    "$name: the others are not evaluated, cannot be chosen, and their mass is told",
    (prune, expected, dropped) => {
      const { layer, called } = layerOf({ estimator: pathwise });
      const prepared = layer.prepareSync(layer.candidates(examples), { scores, prune });
      expect(called()).toEqual(expected);
      for (const [i, part] of dropped.entries()) expect(prepared.droppedMass[i]).toBeCloseTo(part, 6);
      const mask = prepared.inputs.mask.arraySync();
      expect(mask.flat().reduce((a, b) => a + b)).toBe(expected.length);
      expect(prepared.result(0, 0)).toEqual({ undefined: "pruned" });
      for (let seed = 0; seed < 20; seed++) {
        const index = layer.apply(scores, prepared, { key: key(seed) }).choice.index.dataSync();
        expect([mask[0]![index[0]!], mask[1]![index[1]!]]).toEqual([1, 1]);
      }
    },
  );

  test("without pruning nothing is dropped; without scores nothing can be pruned", () => {
    const { layer } = layerOf({ estimator: pathwise });
    const candidates = layer.candidates(examples);
    expect(Array.from(layer.prepareSync(candidates, { scores }).droppedMass)).toEqual([0, 0]);
    expect(() => layer.prepareSync(candidates, { prune: topK(2) })).toThrow(
      failure("E_USAGE", "topK(2)", "scores"),
    );
    expect(() => layer.prepareSync(candidates, { scores: scoresOf([1, 2]) })).toThrow(
      failure("E_SHAPE", "[2, 4 or more]", "[1, 2]"),
    );
  });
});

import { initBackend, jit, key, type RandomKey } from "@symgrad/core";
import { gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  calculator,
  createRegistry,
  defineFunction,
  fromExample,
  fromStage,
  gatherChoice,
  ok,
  type PreparedInputs,
  tokens,
} from "../src/index";
import { digitVocabulary } from "./digitVocabulary";

const loads = await initBackend({ backend: "onnxruntime" }).then(
  () => true,
  () => false,
);

describe.skipIf(!loads)("inside jit", () => {
  beforeAll(async () => void (await initBackend({ backend: "onnxruntime" })));

  const vocabulary = digitVocabulary();
  const numbers = (seed: number, count: number) =>
    Array.from({ length: count }, (_, i) => (seed * 31 + i * 57) % 1000);

  test.each([
    ["straight-through Gumbel", straightThroughGumbel],
    ["soft Gumbel", gumbelSoftmax],
  ] as const)(
    "%s: one traced step equals the eager one, for every batch, key and temperature",
    async (_, create) => {
      const layer = createRegistry([calculator]).layer(calculator.name, {
        estimator: create({ temperature: 1 }),
        vocabulary,
      });
      const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, 4], 0, 1, "float32", 1);
      const step = (
        scores: tf.Tensor2D,
        inputs: PreparedInputs,
        random: RandomKey,
        temperature: tf.Scalar,
      ) => {
        const read = (s: tf.Tensor, w: tf.Tensor) => {
          const { choice, tokens } = layer.apply(s as tf.Tensor2D, inputs, {
            key: random.fold("choice"),
            temperature,
          });
          const label = gatherChoice(tf.cast(inputs.lengths, "float32"), choice.index);
          const masked = tf.mul(
            tf.square(tf.tanh(tokens.embed(w as tf.Tensor2D))),
            tf.expandDims(tokens.mask, 2),
          );
          return tf.sum(tf.mul(tf.sum(masked, [1, 2]), label)) as tf.Scalar;
        };
        const { value, grads } = tf.valueAndGrads(read)([scores, table]);
        const { choice, tokens, trace } = layer.apply(scores, inputs, {
          key: random.fold("choice"),
          temperature,
        });
        return { value, grads, index: choice.index, ids: tokens.ids, probability: trace.probability() };
      };
      const traced = jit(step, { name: "layer" });
      for (const seed of [1, 2, 3]) {
        const examples = [{ numbers: numbers(seed, 4) }, { numbers: numbers(seed + 9, seed % 3) }];
        const prepared = layer.prepareSync(layer.candidates(examples), { padCandidates: 6, padLength: 40 });
        const scores = tf.randomNormal<tf.Rank.R2>([2, 6], 0, 1, "float32", seed);
        // Warm enough that no choice is all but certain: its gradient is a small difference of large numbers.
        const args = [scores, prepared.inputs, key(seed), tf.scalar(seed)] as const;
        const eager = tf.tidy(() => step(...args) as unknown as tf.TensorContainer) as unknown as ReturnType<
          typeof step
        >;
        const actual = await traced(...args);
        expect(actual.index.arraySync()).toEqual(eager.index.arraySync());
        expect(actual.ids.arraySync()).toEqual(eager.ids.arraySync());
        for (const [a, e] of [
          [actual.value, eager.value],
          [actual.probability, eager.probability],
          ...actual.grads.map((gradient, i) => [gradient, eager.grads[i]!] as const),
        ] as const) {
          expect(relativeError(a.dataSync(), e.dataSync())).toBeLessThan(1e-5);
        }
      }
      expect(traced.stats.traces).toBe(1);
      traced.dispose();
    },
  );

  test("two stages: one traced step equals the eager one, for every batch and key", async () => {
    const difference = defineFunction({
      name: "test.difference.v1",
      args: { total: fromStage(calculator), c: fromExample("numbers") },
      run: ({ total, c }) => ok(total.minus(c).toFixed()),
      output: tokens(),
      maxLength: 12,
    });
    const registry = createRegistry([calculator, difference]);
    const options = { estimator: straightThroughGumbel({ temperature: 1 }), vocabulary };
    const first = registry.layer(calculator.name, options);
    const second = registry.layer(difference.name, options);
    const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, 4], 0, 1, "float32", 1);
    const step = (
      s: tf.Tensor2D,
      t: tf.Tensor2D,
      inputs: readonly [PreparedInputs, PreparedInputs],
      random: RandomKey,
    ) => {
      const forward = (a: tf.Tensor, b: tf.Tensor) => {
        const stage = first.apply(a as tf.Tensor2D, inputs[0], { key: random.fold("first") });
        const read = second.apply(b as tf.Tensor2D, inputs[1], {
          key: random.fold("second"),
          after: [stage],
        });
        return { joint: read.joint.index, tokens: read.tokens };
      };
      const { value, grads } = tf.valueAndGrads(
        (a, b) => tf.sum(tf.square(tf.tanh(forward(a!, b!).tokens.embed(table)))) as tf.Scalar,
      )([s, t]);
      return { value, grads, joint: forward(s, t).joint };
    };
    const traced = jit(step, { name: "stages" });
    for (const seed of [1, 2, 3]) {
      const examples = [{ numbers: numbers(seed, 3) }, { numbers: numbers(seed + 9, 2) }];
      const results = first.prepareSync(first.candidates(examples), { padCandidates: 3 });
      const both = second.prepareAfterSync([results], examples);
      // Each of the calculator's three values with each number: 9 candidates.
      const scores = (width: number) =>
        tf.randomNormal<tf.Rank.R2>([2, width], 0, 1, "float32", seed + width);
      const args = [scores(3), scores(9), [results.inputs, both.inputs] as const, key(seed)] as const;
      const eager = tf.tidy(() => step(...args) as unknown as tf.TensorContainer) as unknown as ReturnType<
        typeof step
      >;
      const actual = await traced(...args);
      expect(actual.joint.arraySync()).toEqual(eager.joint.arraySync());
      expect(relativeError(actual.value.dataSync(), eager.value.dataSync())).toBeLessThan(1e-5);
      for (const [i, gradient] of actual.grads.entries()) {
        expect(Math.max(...eager.grads[i]!.abs().dataSync())).toBeGreaterThan(1e-3);
        expect(relativeError(gradient.dataSync(), eager.grads[i]!.dataSync())).toBeLessThan(1e-5);
      }
    }
    traced.dispose();
  });

  test("NaN scores reach the loss, where a traced graph cannot refuse them", async () => {
    const layer = createRegistry([calculator]).layer(calculator.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary,
    });
    const { inputs } = layer.prepareSync(layer.candidates([{ numbers: [1, 2, 3] }, { numbers: [4, 5, 6] }]));
    const table = tf.ones([vocabulary.size, 2]) as tf.Tensor2D;
    const traced = jit((scores: tf.Tensor2D) =>
      tf.sum(layer.apply(scores, inputs).tokens.embed(table), [1, 2]),
    );
    const [first, second] = (
      await traced(
        tf.tensor2d([
          [1, Number.NaN, 0],
          [1, 2, 3],
        ]),
      )
    ).dataSync();
    expect(first).toBeNaN();
    expect(Number.isFinite(second)).toBe(true);
    traced.dispose();
  });
});

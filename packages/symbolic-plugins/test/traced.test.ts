import { initBackend, jit, key, type RandomKey } from "@symgrad/core";
import { gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { calculator, createRegistry, gatherChoice, type PreparedInputs } from "../src/index";
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

import { initBackend, jit, key, type RandomKey } from "@symgrad/core";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  Categorical,
  Gumbel,
  gumbelNoise,
  gumbelSoftmax,
  klDivergence,
  OneHotCategorical,
  RelaxedOneHotCategorical,
  straightThroughGumbel,
} from "../src/index";

const loads = await initBackend({ backend: "onnxruntime" }).then(
  () => true,
  () => false,
);

describe.skipIf(!loads)("inside jit", () => {
  beforeAll(async () => void (await initBackend({ backend: "onnxruntime" })));

  test("noise is drawn anew from each run's key, never baked in", async () => {
    const traced = jit((random: RandomKey) => gumbelNoise(random, [4]));
    for (const seed of [1, 2, 1]) {
      const eager = Array.from(gumbelNoise(key(seed), [4]).dataSync());
      expect(Array.from((await traced(key(seed))).dataSync())).toEqual(eager);
    }
    expect(traced.stats.traces).toBe(1);
    traced.dispose();
  });

  test.each([
    ["straight-through", straightThroughGumbel],
    ["soft", gumbelSoftmax],
  ] as const)(
    "%s: choice and gradient equal the eager ones, masked and empty rows included",
    async (_, create) => {
      const estimator = create({ temperature: 1 });
      const step = (logits: tf.Tensor2D, mask: tf.Tensor2D, temperature: tf.Scalar, random: RandomKey) => {
        const options = { mask, temperature, key: random };
        const { index, weights, probs, empty } = estimator.choose(logits, options);
        const gradient = tf.grad((s) =>
          tf.sum(tf.square(tf.sub(estimator.choose(s as tf.Tensor2D, options).weights, 0.3))),
        )(logits);
        return { index, weights, probs, empty, gradient };
      };
      const traced = jit(step);
      for (const seed of [1, 2, 3]) {
        const logits = tf.randomNormal<tf.Rank.R2>([3, 5], 0, 2, "float32", seed);
        const mask = tf.tensor2d([
          [1, 1, 1, 1, 1],
          [1, 0, 1, 0, 1],
          [0, 0, 0, 0, 0],
        ]);
        const args = [logits, mask, tf.scalar(seed / 2), key(seed)] as const;
        const eager = step(...args);
        const actual = await traced(...args);
        for (const name of ["index", "weights", "probs", "empty", "gradient"] as const) {
          expect(relativeError(actual[name].dataSync(), eager[name].dataSync())).toBeLessThan(1e-5);
        }
        expect(Array.from(actual.empty.dataSync())).toEqual([0, 0, 1]);
      }
      expect(traced.stats.traces).toBe(1);
      traced.dispose();
    },
  );

  test("distributions: draws, densities, divergences and gradients equal the eager ones", async () => {
    const step = (logits: tf.Tensor2D, temperature: tf.Scalar, random: RandomKey) => {
      const gradient = tf.grad((x) => {
        const categorical = new Categorical({ logits: x });
        const relaxed = new RelaxedOneHotCategorical({ logits: x, temperature });
        const gumbel = new Gumbel({ loc: x, scale: temperature });
        return tf.addN([
          tf.sum(categorical.entropy()),
          tf.sum(klDivergence(categorical, new Categorical({ logits: tf.zeros([4]) }))),
          tf.sum(tf.square(relaxed.rsample(random))),
          tf.sum(relaxed.logProb(tf.fill([3, 4], 0.25))),
          tf.sum(tf.square(gumbel.rsample(random))),
          tf.sum(klDivergence(gumbel, new Gumbel())),
        ]);
      })(logits);
      const oneHot = new OneHotCategorical({ logits });
      return { gradient, sample: oneHot.sample(random, [2]), logProb: oneHot.logProb(oneHot.mode()) };
    };
    const traced = jit(step);
    for (const seed of [1, 2]) {
      const logits = tf.randomNormal<tf.Rank.R2>([3, 4], 0, 2, "float32", seed);
      const args = [logits, tf.scalar(seed / 2), key(seed)] as const;
      const eager = step(...args);
      const actual = await traced(...args);
      for (const name of ["gradient", "sample", "logProb"] as const)
        expect(relativeError(actual[name].dataSync(), eager[name].dataSync())).toBeLessThan(1e-5);
    }
    expect(traced.stats.traces).toBe(1);
    traced.dispose();
  });

  test("a temperature that turns out not to be above 0 gives NaN, which reaches the loss", async () => {
    const traced = jit(
      (logits: tf.Tensor2D, temperature: tf.Scalar) =>
        straightThroughGumbel({ temperature: 1 }).choose(logits, { temperature }).weights,
    );
    const logits = tf.tensor2d([[1, 2]]);
    expect(Array.from((await traced(logits, tf.scalar(1))).dataSync())).toEqual([0, 1]);
    expect(Array.from((await traced(logits, tf.scalar(-1))).dataSync())).toEqual([Number.NaN, Number.NaN]);
    traced.dispose();
  });
});

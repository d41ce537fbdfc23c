import { key } from "@symgrad/core";
import { gumbelSoftmax, type PathwiseEstimator, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError, seeds } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { listed } from "../../test/listed";
import { createRegistry } from "../registry";
import type { OnUndefined } from "./symbolicLayer";

// The layer against its definition, F~ = sum_i z_i E_i, with every E_i a one-hot matrix over the whole vocabulary.

const vocabulary = digitVocabulary();
const hidden = 3;

const result = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom("7", "42", "-", "=", "+", "108"), { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant(["!none"]) },
);
const example = fc.array(
  result.map((parts) => parts.join(" ")),
  { maxLength: 5 },
);
const cases = fc.record({
  batch: fc.array(example, { minLength: 1, maxLength: 3 }),
  seed: seeds(),
  noisy: fc.boolean(),
  policy: fc.constantFrom<OnUndefined>("mask", "zero", { token: "[UNDEF]" }),
  padCandidates: fc.constantFrom(undefined, 6),
  padLength: fc.constantFrom(undefined, 13),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** `[batch, candidates, length, vocabulary]`, built token by token from the declaration alone. */
function oneHots({ batch, policy }: Case, shape: readonly number[]): { dense: tf.Tensor; mask: tf.Tensor2D } {
  const [examples, candidates, length] = shape as [number, number, number];
  const dense = tf.buffer([examples, candidates, length, vocabulary.size]);
  const mask = tf.buffer<tf.Rank.R2>([examples, candidates]);
  for (const [b, results] of batch.entries()) {
    for (const [c, text] of results.entries()) {
      const undefinedIds = typeof policy === "object" ? [vocabulary.id(policy.token)!] : [];
      const ids = Array.from(text.startsWith("!") ? undefinedIds : vocabulary.encode(text));
      for (const [l, id] of ids.entries()) dense.set(1, b, c, l, id);
      mask.set(text.startsWith("!") && policy === "mask" ? 0 : 1, b, c);
    }
  }
  return { dense: dense.toTensor(), mask: mask.toTensor() };
}

/** A loss that is curved in F~ W, so that a wrong forward value also gives a wrong gradient. */
function loss(embedded: tf.Tensor, slopes: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(tf.tanh(embedded), slopes));
}

describe.each([
  ["straight-through Gumbel", straightThroughGumbel({ temperature: 0.7 })],
  ["soft Gumbel", gumbelSoftmax({ temperature: 0.7 })],
] as [string, PathwiseEstimator][])(
  "%s: the layer equals the dense sum over one-hot matrices",
  (_, estimator) => {
    const check = (given: Case, read: "embed" | "dense") =>
      tf.tidy(() => {
        const layer = createRegistry([listed]).layer("test.listed.v1", {
          estimator,
          vocabulary,
          onUndefined: given.policy,
        });
        const prepared = layer.prepareSync(
          layer.candidates(given.batch.map((results) => ({ results }))),
          given,
        );
        const [batch, candidates, length] = prepared.inputs.ids.shape;
        const { dense, mask } = oneHots(given, prepared.inputs.ids.shape);
        const scores = tf.randomNormal<tf.Rank.R2>([batch, candidates], 0, 2, "float32", given.seed);
        const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, hidden], 0, 1, "float32", given.seed + 1);
        const width = read === "embed" ? hidden : vocabulary.size;
        const slopes = tf.randomNormal([batch, length, width], 0, 1, "float32", given.seed + 2);
        const options = { key: given.noisy ? key(given.seed) : undefined };

        const viaLayer = (s: tf.Tensor, w: tf.Tensor) => {
          const { tokens } = layer.apply(s as tf.Tensor2D, prepared, options);
          return read === "embed"
            ? tokens.embed(w as tf.Tensor2D)
            : tf.add(tokens.dense(), tf.mul(tf.sum(w), 0));
        };
        const viaDense = (s: tf.Tensor, w: tf.Tensor) => {
          const { weights } = estimator.choose(s as tf.Tensor2D, { ...options, mask });
          const flat = tf.reshape(dense, [batch, candidates, length * vocabulary.size]);
          const sum = tf.reshape(tf.matMul(tf.expandDims(weights, 1), flat), [
            batch * length,
            vocabulary.size,
          ]);
          return read === "embed"
            ? tf.reshape(tf.matMul(sum, w as tf.Tensor2D), [batch, length, hidden])
            : tf.add(tf.reshape(sum, [batch, length, vocabulary.size]), tf.mul(tf.sum(w), 0));
        };
        const run = (f: typeof viaLayer) => {
          const { value, grads } = tf.valueAndGrads((s, w) => loss(f(s, w), slopes))([scores, table]);
          return [f(scores, table), value, ...grads].map((tensor) => Array.from(tensor.dataSync()));
        };
        const actual = run(viaLayer);
        for (const [i, expected] of run(viaDense).entries()) {
          expect(expected.every(Number.isFinite)).toBe(true);
          // Equal results cancel in the gradient to the scores, which leaves rounding alone: hence the absolute part.
          const size = Math.max(...expected.map(Math.abs));
          const difference = Math.max(...expected.map((value, j) => Math.abs(value - actual[i]![j]!)));
          expect(difference).toBeLessThan(1e-5 * size + 2e-6);
        }
      });

    test("read through an embedding table: value, gradient to the scores, gradient to the table", () => {
      fc.assert(fc.property(cases, (given) => check(given, "embed")));
    });

    test("read as F~ itself: value and gradient to the scores", () => {
      fc.assert(
        fc.property(cases, (given) => check(given, "dense")),
        { numRuns: 30 },
      );
    });
  },
);

test("the gradient to the scores is J(S)^T g / temperature with g_i = sum_l <delta_l, W[token(i, l)]>", () => {
  // Two candidates, "7 =" and "42": worked out in double precision from the formula alone.
  const temperature = 0.7;
  const layer = createRegistry([listed]).layer("test.listed.v1", {
    estimator: straightThroughGumbel({ temperature }),
    vocabulary,
  });
  const texts = ["7 =", "42"];
  const prepared = layer.prepareSync(layer.candidates([{ results: texts }]));
  const table = tf.randomNormal<tf.Rank.R2>([vocabulary.size, hidden], 0, 1, "float32", 5);
  const delta = tf.randomNormal<tf.Rank.R3>([1, 2, hidden], 0, 1, "float32", 6);
  const scores = [0.4, -0.3];
  const gradient = tf.grad((s) =>
    tf.sum(tf.mul(layer.apply(s as tf.Tensor2D, prepared).tokens.embed(table), delta)),
  )(tf.tensor2d([scores]));

  const [w, d] = [table.arraySync(), delta.arraySync()[0]!];
  const g = texts.map((text) =>
    Array.from(vocabulary.encode(text)).reduce(
      (sum, id, l) => sum + w[id]!.reduce((dot, value, h) => dot + value * d[l]![h]!, 0),
      0,
    ),
  );
  const powers = scores.map((s) => Math.exp(s / temperature));
  const soft = powers.map((p) => p / (powers[0]! + powers[1]!));
  const inner = soft[0]! * g[0]! + soft[1]! * g[1]!;
  const expected = soft.map((p, i) => (p * (g[i]! - inner)) / temperature);
  expect(relativeError(Array.from(gradient.dataSync()), expected)).toBeLessThan(1e-5);
});

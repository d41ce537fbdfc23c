import { key } from "@symgrad/core";
import { compareGradients, gradientTolerance } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { leaked } from "../../test/tensors";
import { RelaxedOneHotCategorical } from "../distributions/relaxedOneHotCategorical";
import { gumbelSoftmax } from "../estimators/gumbelSoftmax";
import { straightThroughGumbel } from "../estimators/straightThroughGumbel";
import { entropyTemperature } from "./entropyTemperature";
import { LearnedTemperature } from "./learnedTemperature";

const at = (temperature: tf.Scalar) => temperature.dataSync()[0]!;

test("LearnedTemperature: starts where it was told, never falls below the minimum, has one parameter", () => {
  const temperature = new LearnedTemperature({ initial: 2, minimum: 0.5 });
  expect(at(temperature.value())).toBeCloseTo(2, 6);
  temperature.logExcess.assign(tf.scalar(-1000));
  expect(at(temperature.value())).toBe(0.5);
  expect([...temperature.parameters().keys()]).toEqual(["logExcess"]);
  expect(leaked(() => [temperature.value()])).toBe(0);
  const refused = expect.objectContaining({ code: "E_RANGE" });
  expect(() => new LearnedTemperature({ minimum: 0 })).toThrow(refused);
  expect(() => new LearnedTemperature({ initial: 0.1 })).toThrow(refused);
});

test("LearnedTemperature: the gradient of a loss of relaxed samples agrees with central differences", () => {
  const temperature = new LearnedTemperature({ initial: 0.9, minimum: 0.2 });
  const loss = (): tf.Scalar =>
    tf.tidy(() => {
      const logits = tf.tensor2d([[1, -1, 0.5]]);
      const relaxed = new RelaxedOneHotCategorical({ logits, temperature: temperature.value() });
      return tf.sum(tf.square(relaxed.rsample(key(1), [20])));
    });
  const start = temperature.logExcess.dataSync()[0]!;
  const { difference, size } = compareGradients({
    x: [start],
    seed: 0,
    value: ([w]) => {
      temperature.logExcess.assign(tf.scalar(w!));
      return loss().dataSync()[0]!;
    },
    gradient: () => {
      temperature.logExcess.assign(tf.scalar(start));
      return tf.variableGrads(loss, [temperature.logExcess]).grads[temperature.logExcess.name]!.dataSync();
    },
  });
  expect(size).toBeGreaterThan(0.1);
  expect(difference).toBeLessThan(gradientTolerance(size));
});

test("LearnedTemperature: finds the temperature at which the samples were drawn", () => {
  const logits = tf.zeros([4]);
  const data = new RelaxedOneHotCategorical({ logits, temperature: 0.6 }).sample(key(2), [200]);
  const temperature = new LearnedTemperature();
  const optimizer = tf.train.adam(0.1);
  for (let step = 0; step < 60; step++)
    optimizer.minimize(
      () => {
        const p = new RelaxedOneHotCategorical({ logits, temperature: temperature.value() });
        return tf.neg(tf.mean(p.logProb(data))) as tf.Scalar;
      },
      false,
      [temperature.logExcess],
    );
  expect(Math.abs(at(temperature.value()) - 0.6)).toBeLessThan(0.1);
});

test("entropyTemperature: even choices, certain ones, and the mean of both", () => {
  const adapt = entropyTemperature({ certain: 0.25, even: 2 });
  const of = (rows: number[][], mask?: number[][]) =>
    at(adapt({ logits: tf.tensor2d(rows), mask: mask && tf.tensor2d(mask) }));
  expect(of([[0, 0, 0]])).toBeCloseTo(2, 6);
  expect(of([[100, 0, 0]])).toBeCloseTo(0.25, 6);
  expect(
    of([
      [0, 0],
      [100, 0],
    ]),
  ).toBeCloseTo(1.125, 6);
  // Forbidden classes do not make a choice less even; rows without a choice have no say.
  expect(
    of(
      [
        [0, 0, -Infinity],
        [1, 5, 2],
        [1, 2, 3],
      ],
      [
        [1, 1, 1],
        [0, 1, 0],
        [0, 0, 0],
      ],
    ),
  ).toBeCloseTo(2, 6);
  expect(of([[1, 5]], [[0, 1]])).toBeCloseTo(0.25, 6);
  expect(() => entropyTemperature({ certain: 0 })).toThrow(/E_RANGE/);
});

test("entropyTemperature: touches the logits without a gradient", () => {
  const gradient = tf.grad((s) => tf.sum(tf.mul(s, entropyTemperature()({ logits: s }))))(tf.zeros([1, 2]));
  expect(Array.from(gradient.dataSync())).toEqual([1, 1]);
});

test("a tensor temperature gets the gradient of the relaxed sample, which the straight-through one shares", () => {
  const logits = tf.tensor2d([
    [1, -2, 0.5, -Infinity],
    [0, 3, 1, 2],
  ]);
  const options = {
    key: key(3),
    mask: tf.tensor2d([
      [1, 1, 1, 1],
      [1, 0, 1, 1],
    ]),
  };
  const slopes = tf.tensor2d([
    [1, -2, 0.5, 3],
    [0.3, 5, -1, 2],
  ]);
  const estimators = [gumbelSoftmax({ temperature: 1 }), straightThroughGumbel({ temperature: 1 })];
  const [soft, hard] = estimators.map((estimator) => (t: tf.Tensor) => {
    const { weights } = estimator.choose(logits, { ...options, temperature: t as tf.Scalar });
    return tf.sum(tf.mul(weights, slopes)) as tf.Scalar;
  });
  for (const t of [0.4, 1, 2.5]) {
    const { difference, size } = compareGradients({
      x: [t],
      seed: 0,
      value: ([x]) => soft!(tf.scalar(x!)).dataSync()[0]!,
      gradient: ([x]) => tf.grad(soft!)(tf.scalar(x!)).dataSync(),
    });
    expect(size).toBeGreaterThan(0.01);
    expect(difference).toBeLessThan(gradientTolerance(size));
    const ofHard = tf.grad(hard!)(tf.scalar(t)).dataSync()[0]!;
    expect(ofHard).toBeCloseTo(tf.grad(soft!)(tf.scalar(t)).dataSync()[0]!, 6);
  }
});

import { initBackend, jit, key, type RandomKey } from "@symgrad/core";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type ChooseOptions, type Estimator, laboratoryEstimators } from "../src/index";
import { leaked, rowsOf } from "./tensors";

// What every estimator must bear, whatever its formula.

const traces = await initBackend({ backend: "onnxruntime" }).then(
  () => true,
  () => false,
);
beforeAll(async () => void (await initBackend(traces ? { backend: "onnxruntime" } : {})));

const create = (name: string, candidates: number): Estimator =>
  laboratoryEstimators({ candidates, key: key("battery") }).find((estimator) => estimator.name === name)!;
const names = laboratoryEstimators({ candidates: 5, key: key(0) }).map(({ name }) => name);
const withoutNoise = ["exact", "exact-marginal", "indecater", "sparsemax", "entmax15"];

/** A loss that is not linear in the choice: <c, z> + <d, z>^2, one number per row. */
function loss(z: tf.Tensor2D): tf.Tensor1D {
  const slopes = (values: number[]) => tf.tensor2d([values.slice(0, z.shape[1])]);
  const along = (values: number[]) => tf.sum(tf.mul(z, slopes(values)), 1);
  return tf.add(along([0.4, -1, 0.7, 1.5, 0.1]), tf.square(along([1, -0.5, 0.3, -1.2, 2]))) as tf.Tensor1D;
}

interface Outcome {
  value: tf.Tensor1D;
  gradient: tf.Tensor2D;
}

function outcome(estimator: Estimator, logits: tf.Tensor2D, options: ChooseOptions): Outcome {
  const { value, grad } = tf.valueAndGrad((s) => estimator.expectedLoss(s as tf.Tensor2D, loss, options))(
    logits,
  );
  return { value: value as tf.Tensor1D, gradient: grad as tf.Tensor2D };
}

const logits = tf.tensor2d([
  [0.3, -1, 2, 0.5, -0.2],
  [1, 2, 0, -3, 0.4],
  [0, 0, 0, 0, 0],
]);
const mask = tf.tensor2d([
  [1, 1, 0, 1, 1],
  [1, 0, 1, 1, 0],
  [0, 0, 0, 1, 0],
]);
const masked = tf.where(tf.greater(mask, 0), logits, tf.fill(logits.shape, -Infinity)) as tf.Tensor2D;
const random = key("battery draws");

describe.each(names)("%s", (name) => {
  const estimator = create(name, 5);

  test("a mask and -Infinity forbid alike, and what is forbidden gets no gradient", () => {
    const byMask = outcome(estimator, logits, { mask, key: random });
    const byInfinity = outcome(create(name, 5), masked, { key: random });
    expect(rowsOf(byMask.gradient)).toEqual(rowsOf(byInfinity.gradient));
    expect(rowsOf(byMask.value)).toEqual(rowsOf(byInfinity.value));
    for (const [row, values] of rowsOf(byMask.gradient).entries()) {
      for (const [i, value] of values.entries()) {
        expect(Number.isFinite(value)).toBe(true);
        if (rowsOf(mask)[row]![i] === 0) expect(Math.abs(value)).toBe(0);
      }
    }
  });

  test("a row with nothing to choose from: the loss of the zero row, and no gradient", () => {
    const empty = tf.tensor2d([[0], [1], [0]]).mul(tf.ones([3, 5])) as tf.Tensor2D;
    for (const options of [{ mask: empty }, { mask: empty, key: random }]) {
      const shifted = (z: tf.Tensor2D) => tf.add(loss(z), 7) as tf.Tensor1D;
      const { value, grad } = tf.valueAndGrad((s) =>
        estimator.expectedLoss(s as tf.Tensor2D, shifted, options),
      )(logits);
      expect([value.dataSync()[0], value.dataSync()[2]]).toEqual([7, 7]);
      const [first, second, third] = rowsOf(grad);
      for (const gone of [first!, third!]) expect(gone.every((slope) => slope === 0)).toBe(true);
      expect(second!.every(Number.isFinite)).toBe(true);
    }
  });

  test.each([
    ["logits of +-1e30", [1e30, -1e30, 1e30], 1],
    ["logits of +-1e30 at temperature 1e-4", [1e30, -1e30, 0], 1e-4],
    ["all but one -Infinity", [-Infinity, -Infinity, 4], 1],
    ["temperature 1e-4", [0.1, 0.2, 0.3], 1e-4],
    ["one candidate", [2], 1e-4],
    ["the largest numbers", [3.4e38, -3.4e38], 1e-4],
  ])("stays finite: %s", (_, values, temperature) => {
    const own = create(name, values.length);
    for (const options of [{ temperature }, { temperature, key: random }]) {
      const { value, gradient } = outcome(own, tf.tensor2d([values]), options);
      for (const number of [...value.dataSync(), ...gradient.dataSync()]) {
        expect(Number.isFinite(number)).toBe(true);
      }
    }
  });

  test("NaN and +Infinity reach the value of their row, and of no other", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { value } = outcome(
        create(name, 3),
        tf.tensor2d([
          [0, bad, 1],
          [0, 1, 2],
        ]),
        { key: random },
      );
      expect(value.dataSync()[0]).toBeNaN();
      if (name !== "reinforce-moving-average") expect(value.dataSync()[1]).not.toBeNaN();
    }
  });

  test("shifting the logits changes nothing", () => {
    const [here, there] = [0, 8].map((shift) =>
      outcome(create(name, 5), tf.add(logits, shift) as tf.Tensor2D, { key: random }),
    );
    expect(relativeError(there!.gradient.dataSync(), here!.gradient.dataSync())).toBeLessThan(1e-4);
    expect(relativeError(there!.value.dataSync(), here!.value.dataSync())).toBeLessThan(1e-4);
  });

  // The perturbed optimizer's is a sum of noises, and 0 only on average.
  test.skipIf(name === "perturbed")("the gradient of each row sums to 0", () => {
    for (const values of rowsOf(outcome(estimator, logits, { key: random }).gradient)) {
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0))).toBeLessThan(2e-5);
    }
  });

  test("the same key gives the same numbers, another key others", () => {
    const wide = tf.tile(logits, [20, 1]) as tf.Tensor2D;
    const draw = (seed: number) =>
      Array.from(outcome(create(name, 5), wide, { key: key(seed) }).gradient.dataSync());
    expect(draw(1)).toEqual(draw(1));
    // The five likeliest of five candidates leave no tail to draw from.
    if ([...withoutNoise, "top-k-tail"].includes(name)) expect(draw(1)).toEqual(draw(2));
    else expect(draw(1)).not.toEqual(draw(2));
  });

  test("without a key: the loss at the noise-free argmax, or the expectation", () => {
    const value = Array.from(outcome(estimator, logits, {}).value.dataSync());
    const largest = tf.tensor2d([
      [0, 0, 1, 0, 0],
      [0, 1, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ]);
    const atArgmax = Array.from(loss(largest).dataSync());
    if (withoutNoise.includes(name) || name === "gumbel-softmax") expect(value).not.toEqual(atArgmax);
    else expect(value).toEqual(atArgmax);
  });

  test.skipIf(name === "exact-marginal")("the loss's own variables get their ordinary gradient", () => {
    const scale = tf.variable(tf.scalar(3));
    const { value, grads } = tf.variableGrads(
      () =>
        tf.sum(
          estimator.expectedLoss(logits, (z) => tf.mul(scale, loss(z)) as tf.Tensor1D, { key: random }),
        ) as tf.Scalar,
      [scale],
    );
    expect(grads[scale.name]!.dataSync()[0]! * 3).toBeCloseTo(value.dataSync()[0]!, 4);
    scale.dispose();
  });

  test("leaves nothing behind", () => {
    expect(leaked(() => Object.values(outcome(estimator, logits, { mask, key: random })))).toBe(0);
    expect(leaked(() => [estimator.expectedLoss(logits, loss, { mask, key: random })])).toBe(0);
  });

  test.skipIf(!traces)("inside jit: the eager numbers, drawn anew from each run's key", async () => {
    const [here, there] = [create(name, 5), create(name, 5)];
    const traced = jit((s: tf.Tensor2D, m: tf.Tensor2D, own: RandomKey) =>
      outcome(there, s, { mask: m, key: own }),
    );
    for (const seed of [1, 2]) {
      const eager = outcome(here, logits, { mask, key: key(seed) });
      const actual = await traced(logits, mask, key(seed));
      expect(relativeError(actual.gradient.dataSync(), eager.gradient.dataSync())).toBeLessThan(1e-4);
      expect(relativeError(actual.value.dataSync(), eager.value.dataSync())).toBeLessThan(1e-5);
    }
    expect(traced.stats.traces).toBe(1);
    await traced.dispose();
  });

  test("refuses what does not fit", () => {
    const refused = (code: string, hint: string) =>
      expect.objectContaining({ code, message: expect.stringContaining(hint) });
    expect(() => estimator.expectedLoss(tf.zeros([5]) as never, loss)).toThrow(
      refused("E_SHAPE", "expandDims"),
    );
    expect(() => estimator.expectedLoss(logits, (z) => tf.sum(loss(z)) as never)).toThrow(
      refused("E_SHAPE", "one number per row"),
    );
    expect(() => estimator.expectedLoss(logits, loss, { mask: tf.ones([2, 2]) })).toThrow(
      refused("E_SHAPE", "mask"),
    );
  });
});

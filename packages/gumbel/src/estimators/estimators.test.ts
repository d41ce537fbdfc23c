import { gumbelData, key } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leaked, rowsOf } from "../../test/tensors";
import type { PathwiseEstimator } from "../estimator";
import { maskedSoftmax } from "../maskedSoftmax";
import { gumbelSoftmax } from "./gumbelSoftmax";
import { straightThroughGumbel } from "./straightThroughGumbel";

/** The laws in double precision, written out from the formulas. */
function softmax(x: number[]): number[] {
  const peak = Math.max(...x);
  const powers = x.map((value) => Math.exp(value - peak));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
function softmaxGradient(s: number[], g: number[], temperature: number): number[] {
  const inner = s.reduce((sum, value, i) => sum + value * g[i]!, 0);
  return s.map((value, i) => (value * (g[i]! - inner)) / temperature);
}

const row = fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 6 });
const cases = fc.record({
  logits: row,
  seed: fc.nat(1e6),
  temperature: fc.constantFrom(0.3, 1, 2.5),
  slopes: fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 }),
});

/** The gradient of <weights, slopes> at one row of logits. */
function linearGradient(
  estimator: PathwiseEstimator,
  logits: number[],
  slopes: number[],
  seed: number | undefined,
  mask?: number[],
) {
  return tf.tidy(() => {
    const loss = (s: tf.Tensor) =>
      tf.sum(
        tf.mul(
          estimator.choose(s as tf.Tensor2D, {
            key: seed === undefined ? undefined : key(seed),
            mask: mask && tf.tensor2d([mask]),
          }).weights,
          tf.tensor2d([slopes.slice(0, logits.length)]),
        ),
      );
    return Array.from(
      tf
        .grad(loss)(tf.tensor2d([logits]))
        .dataSync(),
    );
  });
}

function perturbed(logits: number[], seed: number): number[] {
  const noise = gumbelData(key(seed), logits.length);
  return logits.map((value, i) => value + noise[i]!);
}

function expectClose(actual: number[], expected: number[], size = 1): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5 * size);
}

describe("straightThroughGumbel", () => {
  test("forward: the one-hot row of argmax(s + G)", () => {
    fc.assert(
      fc.property(cases, ({ logits, seed, temperature }) => {
        const { index, weights } = straightThroughGumbel({ temperature }).choose(tf.tensor2d([logits]), {
          key: key(seed),
        });
        const sums = perturbed(logits, seed);
        const best = index.dataSync()[0]!;
        expect(Math.max(...sums) - sums[best]!).toBeLessThan(1e-5); // float32 may settle a near tie otherwise
        expect(rowsOf(weights)[0]).toEqual(logits.map((_, i) => (i === best ? 1 : 0)));
      }),
    );
  });

  test("backward: J(softmax((s + G) / temperature))^T g / temperature", () => {
    fc.assert(
      fc.property(cases, ({ logits, seed, temperature, slopes }) => {
        const soft = softmax(perturbed(logits, seed).map((value) => value / temperature));
        const expected = softmaxGradient(soft, slopes, temperature);
        expectClose(
          linearGradient(straightThroughGumbel({ temperature }), logits, slopes, seed),
          expected,
          1 / temperature,
        );
      }),
    );
  });

  test("equals the soft sample's gradient where the loss is linear, under shared noise", () => {
    fc.assert(
      fc.property(cases, ({ logits, seed, temperature, slopes }) => {
        const hard = linearGradient(straightThroughGumbel({ temperature }), logits, slopes, seed);
        expectClose(hard, linearGradient(gumbelSoftmax({ temperature }), logits, slopes, seed));
      }),
    );
  });

  test("samples with the frequencies of softmax (chi-square, 40,000 draws)", () => {
    const logits = [0.5, -1, 2, 0, 1.2];
    const probs = softmax(logits);
    const draws = 40_000;
    const counts = new Array(logits.length).fill(0);
    tf.tidy(() => {
      const batch = tf.tile(tf.tensor2d([logits]), [draws, 1]) as tf.Tensor2D;
      const { index } = straightThroughGumbel({ temperature: 1 }).choose(batch, { key: key("frequencies") });
      for (const i of index.dataSync()) counts[i]++;
    });
    const statistic = counts.reduce(
      (sum, count, i) => sum + (count - draws * probs[i]!) ** 2 / (draws * probs[i]!),
      0,
    );
    expect(statistic).toBeLessThan(18.47); // the 0.999 quantile for 4 degrees of freedom
  });

  test("without a key: the noise-free argmax, ties to the lowest index", () => {
    const logits = tf.tensor2d([
      [1, 3, 3],
      [0, 0, 0],
      [-2, -1, -3],
    ]);
    const { index } = straightThroughGumbel({ temperature: 1 }).choose(logits);
    expect(Array.from(index.dataSync())).toEqual([1, 0, 1]);
  });

  test("follows a variable temperature, and takes another one for a single choice", () => {
    const temperature = tf.variable(tf.scalar(1));
    const estimator = straightThroughGumbel({ temperature: temperature as unknown as tf.Scalar });
    const at = (value: number) =>
      linearGradient(straightThroughGumbel({ temperature: value }), [1, 2], [1, -1], 4);
    expectClose(linearGradient(estimator, [1, 2], [1, -1], 4), at(1));
    temperature.assign(tf.scalar(0.5));
    expectClose(linearGradient(estimator, [1, 2], [1, -1], 4), at(0.5));
    const overridden = {
      ...estimator,
      choose: (s: tf.Tensor2D, o = {}) => estimator.choose(s, { ...o, temperature: 3 }),
    };
    expectClose(linearGradient(overridden, [1, 2], [1, -1], 4), at(3));
  });
});

describe("gumbelSoftmax", () => {
  test("the sample's gradient agrees with central differences", () => {
    fc.assert(
      fc.property(cases, ({ logits, seed, temperature, slopes }) => {
        const estimator = gumbelSoftmax({ temperature });
        const value = (x: number[]) => {
          const soft = softmax(perturbed(x, seed).map((s) => s / temperature));
          return soft.reduce((sum, s, i) => sum + slopes[i]! * s * s, 0); // a quadratic loss
        };
        const gradient = tf.tidy(() =>
          Array.from(
            tf
              .grad((s) => {
                const { weights } = estimator.choose(s as tf.Tensor2D, { key: key(seed) });
                return tf.sum(tf.mul(tf.square(weights), tf.tensor2d([slopes.slice(0, logits.length)])));
              })(tf.tensor2d([logits]))
              .dataSync(),
          ),
        );
        const step = 1e-5;
        const expected = logits.map((_, i) => {
          const moved = (by: number) => logits.map((x, j) => (i === j ? x + by : x));
          return (value(moved(step)) - value(moved(-step))) / (2 * step);
        });
        expectClose(gradient, expected, 5 / temperature);
      }),
    );
  });

  test("each row is a distribution", () => {
    const { weights, hard } = gumbelSoftmax({ temperature: 0.7 }).choose(tf.randomNormal([20, 7]), {
      key: key(1),
    });
    for (const values of rowsOf(weights)) expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(hard).toBe(false);
  });
});

describe.each([
  ["straight-through-gumbel", straightThroughGumbel],
  ["gumbel-softmax", gumbelSoftmax],
] as const)("%s, as every estimator", (name, create) => {
  const estimator = create({ temperature: 0.8 });

  test("has its name", () => expect(estimator.name).toBe(name));

  test("shifting the logits changes neither choice nor gradient; the gradient sums to 0", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(-8, 0.5, 16), ({ logits, seed, slopes }, shift) => {
        const shifted = logits.map((value) => value + shift);
        const gradient = linearGradient(estimator, logits, slopes, seed);
        expectClose(linearGradient(estimator, shifted, slopes, seed), gradient, 10);
        expect(Math.abs(gradient.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-5);
      }),
    );
  });

  test("masked candidates are never chosen, get no weight and no gradient", () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        ({ logits, seed, slopes }, allowed) => {
          const mask = logits.map((_, i) => (allowed[i] ? 1 : 0));
          fc.pre(mask.includes(1));
          const choice = estimator.choose(tf.tensor2d([logits]), {
            key: key(seed),
            mask: tf.tensor2d([mask]),
          });
          expect(mask[choice.index.dataSync()[0]!]).toBe(1);
          const gradient = linearGradient(estimator, logits, slopes, seed, mask);
          for (const [i, value] of mask.entries()) {
            if (value === 1) continue;
            expect(choice.weights.dataSync()[i]).toBe(0);
            expect(choice.probs.dataSync()[i]).toBe(0);
            expect(gradient[i]).toBeCloseTo(0, 10);
          }
        },
      ),
    );
  });

  test("a mask and -Infinity forbid alike", () => {
    const masked = estimator.choose(tf.tensor2d([[1, 5, 2]]), {
      key: key(3),
      mask: tf.tensor2d([[1, 0, 1]]),
    });
    const infinite = estimator.choose(tf.tensor2d([[1, -Infinity, 2]]), { key: key(3) });
    expect(rowsOf(masked.weights)).toEqual(rowsOf(infinite.weights));
    expect(rowsOf(masked.probs)).toEqual(rowsOf(infinite.probs));
  });

  test("a row with every candidate masked gives zeros, a flag and no gradient", () => {
    const logits = [
      [1, 2, 3],
      [-Infinity, -Infinity, -Infinity],
      [3, 2, 1],
    ];
    const mask = tf.tensor2d([
      [0, 0, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    for (const options of [{ mask }, { mask, key: key(0) }]) {
      const choice = estimator.choose(tf.tensor2d(logits), options);
      expect(Array.from(choice.empty.dataSync())).toEqual([1, 1, 0]);
      expect(rowsOf(choice.weights).slice(0, 2)).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(rowsOf(choice.probs).slice(0, 2)).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      const gradient = tf.grad((s) =>
        tf.sum(tf.square(tf.add(estimator.choose(s as tf.Tensor2D, options).weights, 1))),
      )(tf.tensor2d(logits));
      expect(rowsOf(gradient).slice(0, 2)).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
    }
  });

  test.each([
    ["logits of +-1e30", [1e30, -1e30, 1e30], 1],
    ["logits of +-1e30 at temperature 1e-4", [1e30, -1e30, 0], 1e-4],
    ["all but one -Infinity", [-Infinity, -Infinity, 4], 1],
    ["temperature 1e-4", [0.1, 0.2, 0.3], 1e-4],
    ["one candidate", [2], 1e-4],
    ["the largest numbers", [3.4e38, -3.4e38], 1e-4],
  ])("stays finite: %s", (_, logits, temperature) => {
    for (const options of [{}, { key: key(5) }]) {
      const at = create({ temperature });
      const { weights, probs } = at.choose(tf.tensor2d([logits]), options);
      const gradient = tf.grad((s) => tf.sum(tf.square(at.choose(s as tf.Tensor2D, options).weights)))(
        tf.tensor2d([logits]),
      );
      for (const tensor of [weights, probs, gradient]) {
        expect(Array.from(tensor.dataSync()).every(Number.isFinite)).toBe(true);
      }
      expect(rowsOf(weights)[0]!.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    }
  });

  test("NaN and +Infinity reach the weights instead of passing for a choice", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { weights } = estimator.choose(
        tf.tensor2d([
          [0, bad, 1],
          [0, 1, 2],
        ]),
        { key: key(0) },
      );
      const [first, second] = rowsOf(weights);
      expect(first).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      expect(second!.every(Number.isFinite)).toBe(true);
    }
    const masked = estimator.choose(tf.tensor2d([[Number.NaN, 1]]), { mask: tf.tensor2d([[0, 1]]) });
    expect(rowsOf(masked.weights)).toEqual([[0, 1]]);
  });

  test("a loss may use index and empty beside the weights", () => {
    const gradient = tf.grad((s) => {
      const { index, empty, weights } = estimator.choose(s as tf.Tensor2D, { key: key(1) });
      return tf.sum(
        tf.mul(tf.gather(tf.tensor1d([1, 2, 3]), index), tf.mul(tf.sub(1, empty), tf.sum(weights, 1))),
      );
    })(tf.tensor2d([[1, 2, 3]]));
    expect(gradient.shape).toEqual([1, 3]);
  });

  test("probs is differentiable: log p has gradient e_i - p", () => {
    const logits = [0.3, -1, 2];
    const gradient = tf.grad((s) =>
      tf.sum(tf.mul(tf.log(estimator.choose(s as tf.Tensor2D).probs), tf.tensor2d([[0, 1, 0]]))),
    )(tf.tensor2d([logits]));
    const expected = softmax(logits).map((p, i) => (i === 1 ? 1 : 0) - p);
    expectClose(Array.from(gradient.dataSync()), expected);
  });

  test("leaves nothing behind but its results", () => {
    const logits = tf.randomNormal([4, 5]) as tf.Tensor2D;
    const mask = tf.ones([4, 5]) as tf.Tensor2D;
    const count = leaked(() => {
      const { index, weights, probs, empty } = estimator.choose(logits, { mask, key: key(2) });
      return [index, weights, probs, empty];
    });
    expect(count).toBe(0);
    const gradient = tf.grad((s) =>
      tf.sum(tf.square(estimator.choose(s as tf.Tensor2D, { mask, key: key(2) }).weights)),
    );
    expect(leaked(() => [gradient(logits)])).toBe(0);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses temperature %s", (temperature) => {
    const refused = expect.objectContaining({
      code: "E_RANGE",
      message: expect.stringContaining("temperature"),
    });
    expect(() => create({ temperature })).toThrow(refused);
    expect(() => estimator.choose(tf.zeros([1, 2]), { temperature })).toThrow(refused);
    expect(() => estimator.choose(tf.zeros([1, 2]), { temperature: tf.scalar(temperature) })).toThrow(
      refused,
    );
  });

  test("refuses logits and masks of another shape", () => {
    const shape = (hint: string) =>
      expect.objectContaining({ code: "E_SHAPE", message: expect.stringContaining(hint) });
    expect(() => estimator.choose(tf.zeros([3]) as unknown as tf.Tensor2D)).toThrow(
      shape("logits.expandDims(0)"),
    );
    expect(() => estimator.choose(tf.zeros([2, 0]))).toThrow(shape("at least one candidate"));
    expect(() => estimator.choose(tf.zeros([2, 3]), { mask: tf.ones([2, 2]) })).toThrow(shape("mask"));
  });
});

test("maskedSoftmax: agrees with tf.softmax where all take part, and divides by the temperature", () => {
  const logits = tf.randomNormal([5, 4], 0, 3) as tf.Tensor2D;
  expectClose(
    Array.from(maskedSoftmax(logits, { temperature: 2 }).dataSync()),
    Array.from(tf.softmax(tf.div(logits, 2)).dataSync()),
  );
});

import { readFileSync } from "node:fs";
import { key } from "@symgrad/core";
import { compareGradients, floats, gradientTolerance, relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { leaked, rowsOf } from "../../test/tensors";
import { Categorical } from "./categorical";
import type { Distribution } from "./distribution";
import { ExpRelaxedOneHotCategorical } from "./expRelaxedOneHotCategorical";
import { Gumbel } from "./gumbel";
import { klDivergence } from "./klDivergence";
import { OneHotCategorical } from "./oneHotCategorical";
import { RelaxedOneHotCategorical } from "./relaxedOneHotCategorical";

/** scipy in float64: fixtures/distributions/generate.py. */
const golden = JSON.parse(
  readFileSync(new URL("../../../../fixtures/distributions/golden.json", import.meta.url), "utf8"),
);
const near = (actual: tf.Tensor, expected: tf.TensorLike, bound = 2e-6): void => {
  const wanted = tf.tensor(expected);
  expect(actual.shape).toEqual(wanted.shape);
  expect(relativeError(actual.dataSync(), wanted.dataSync())).toBeLessThan(bound);
};
const logits = [
  [0.5, -1, 2, 0],
  [3, 3, -4, 1.5],
];
const masked = [
  [1, 0, 1, 1],
  [0, 0, 1, 0],
];

beforeAll(() => tf.setBackend("cpu"));

describe("golden numbers", () => {
  const { categorical, gumbel, relaxed } = golden;

  test("Categorical and OneHotCategorical: scipy", () => {
    const p = new Categorical({ logits: tf.tensor(categorical.logits) });
    const h = new OneHotCategorical({ logits: tf.tensor(categorical.logits) });
    const index = tf.tensor(categorical.index, undefined, "int32");
    near(p.probs(), categorical.probs);
    near(new Categorical({ probs: tf.mul(3, tf.tensor(categorical.probs)) }).probs(), categorical.probs);
    near(p.logProb(index), categorical.logProb);
    near(h.logProb(tf.oneHot(index as tf.Tensor1D, 4)), categorical.logProb);
    near(p.entropy(), categorical.entropy);
    near(h.entropy(), categorical.entropy);
    near(h.mean(), categorical.probs);
    near(h.variance(), categorical.variance);
    near(h.mode(), categorical.mode);
    expect(Array.from(p.mode().dataSync())).toEqual([2, 0]);
    const q = { logits: tf.tensor(categorical.other) };
    near(klDivergence(p, new Categorical(q)), categorical.klDivergence);
    near(klDivergence(h, new OneHotCategorical(q)), categorical.klDivergence);
  });

  test("Gumbel: scipy.stats.gumbel_r, its divergence by integration", () => {
    const p = new Gumbel({ loc: tf.tensor1d(gumbel.loc), scale: tf.tensor1d(gumbel.scale) });
    const values = tf.tensor(gumbel.values);
    near(p.logProb(values), gumbel.logProb);
    near(p.cdf(values), gumbel.cdf);
    near(p.quantile(tf.scalar(1 / 3)), gumbel.quantileOfThird);
    near(p.entropy(), gumbel.entropy);
    near(p.mean(), gumbel.mean);
    near(p.variance(), gumbel.variance);
    near(p.mode(), gumbel.loc);
    const q = new Gumbel({ loc: tf.tensor1d(gumbel.other.loc), scale: tf.tensor1d(gumbel.other.scale) });
    near(klDivergence(p, q), gumbel.klDivergence, 1e-5);
    expect(Math.max(...klDivergence(p, p).dataSync().map(Math.abs))).toBeLessThan(3e-6);
  });

  test.each(Object.keys(relaxed.logProb))(
    "RelaxedOneHotCategorical at temperature %s: the paper's density",
    (temperature) => {
      const options = { logits: tf.tensor(relaxed.logits), temperature: Number(temperature) };
      const values = tf.tensor(relaxed.values);
      near(new RelaxedOneHotCategorical(options).logProb(values), relaxed.logProb[temperature], 5e-6);
      const jacobian = tf.sum(tf.log(values), -1);
      near(
        tf.sub(new ExpRelaxedOneHotCategorical(options).logProb(tf.log(values)), jacobian),
        relaxed.logProb[temperature],
        5e-6,
      );
    },
  );
});

/** Every function of its parameters that claims a gradient, as one number of seven parameters. */
const functions: Record<string, (x: tf.Tensor1D) => tf.Tensor> = {
  "Categorical.logProb": (x) => new Categorical({ logits: x }).logProb(tf.scalar(2, "int32")),
  "Categorical.logProb of probs": (x) => new Categorical({ probs: tf.exp(x) }).logProb(tf.scalar(2, "int32")),
  "Categorical.entropy": (x) => new Categorical({ logits: x }).entropy(),
  "Categorical.entropy, masked": (x) =>
    new Categorical({ logits: x, mask: tf.tensor1d([1, 0, 1, 1, 0, 1, 1]) }).entropy(),
  "OneHotCategorical.logProb of its value": (x) =>
    new OneHotCategorical({ logits: tf.tensor1d([1, 2, 0, 0.5, 1, 1, 2]) }).logProb(x),
  "OneHotCategorical.variance": (x) => tf.slice(new OneHotCategorical({ logits: x }).variance(), 1, 1),
  "Categorical divergence": (x) =>
    klDivergence(new Categorical({ logits: x }), new Categorical({ logits: tf.neg(x) })),
  "Gumbel divergence": (x) =>
    klDivergence(
      new Gumbel({ loc: tf.slice(x, 0, 1), scale: tf.exp(tf.slice(x, 1, 1)) }),
      new Gumbel({ loc: tf.slice(x, 2, 1), scale: tf.exp(tf.slice(x, 3, 1)) }),
    ),
  "Gumbel.rsample": (x) =>
    tf.square(new Gumbel({ loc: tf.slice(x, 0, 1), scale: tf.exp(tf.slice(x, 1, 1)) }).rsample(key(3), [4])),
  "Gumbel.logProb": (x) =>
    new Gumbel({ loc: tf.slice(x, 0, 1), scale: tf.exp(tf.slice(x, 1, 1)) }).logProb(tf.slice(x, 2, 1)),
  "Gumbel.entropy": (x) => new Gumbel({ scale: tf.exp(tf.slice(x, 1, 1)) }).entropy(),
  "RelaxedOneHotCategorical.rsample, with its temperature": (x) =>
    tf.square(
      new RelaxedOneHotCategorical({
        logits: tf.slice(x, 0, 5),
        mask: tf.tensor1d([1, 1, 0, 1, 1]),
        temperature: tf.exp(tf.reshape(tf.slice(x, 6, 1), [])) as tf.Scalar,
      }).rsample(key(5), [3]),
    ),
  "RelaxedOneHotCategorical.logProb, with its temperature": (x) =>
    tf.mul(
      0.1,
      new RelaxedOneHotCategorical({
        logits: tf.slice(x, 0, 3),
        temperature: tf.exp(tf.reshape(tf.slice(x, 6, 1), [])) as tf.Scalar,
      }).logProb(tf.softmax(tf.slice(x, 3, 3))),
    ),
};

test.each(Object.keys(functions))("%s: the gradient agrees with central differences", (name) => {
  const scalar = (x: tf.Tensor) => tf.sum(functions[name]!(x as tf.Tensor1D));
  fc.assert(
    fc.property(floats(7, { min: -1, max: 1 }), fc.nat(1e6), (x, seed) => {
      const { difference, size } = compareGradients({
        value: (at) => tf.tidy(() => scalar(tf.tensor1d(Array.from(at))).dataSync()[0]!),
        gradient: (at) =>
          tf.tidy(() =>
            tf
              .grad(scalar)(tf.tensor1d(Array.from(at)))
              .dataSync(),
          ),
        x,
        seed,
        directions: 3,
        step: 1e-2,
      });
      fc.pre(size > 1e-2);
      expect(difference).toBeLessThan(gradientTolerance(size));
    }),
    { numRuns: 10 },
  );
});

describe("samples", () => {
  const draws = 30_000;
  const cases: [string, (mask?: tf.Tensor) => { index: tf.Tensor }][] = [
    [
      "Categorical",
      (mask) => ({ index: new Categorical({ logits: tf.tensor(logits), mask }).sample(key(1), [draws]) }),
    ],
    [
      "OneHotCategorical",
      (mask) => ({
        index: tf.argMax(
          new OneHotCategorical({ logits: tf.tensor(logits), mask }).sample(key(2), [draws]),
          -1,
        ),
      }),
    ],
    [
      "RelaxedOneHotCategorical, its largest component",
      (mask) => {
        const relaxed = new RelaxedOneHotCategorical({ logits: tf.tensor(logits), mask, temperature: 0.7 });
        return { index: tf.argMax(relaxed.sample(key(3), [draws]), -1) };
      },
    ],
  ];

  test.each(cases)("%s: frequencies of softmax (chi-square), none of a forbidden class", (_, draw) => {
    for (const mask of [undefined, tf.tensor(masked)]) {
      const { index } = draw(mask);
      expect(index.shape).toEqual([draws, 2]);
      const probs = rowsOf(new Categorical({ logits: tf.tensor(logits), mask }).probs());
      const counts = probs.map((row) => row.map(() => 0));
      for (const [i, chosen] of index.dataSync().entries()) counts[i % 2]![chosen]!++;
      for (const [row, p] of probs.entries()) {
        const statistic = p.reduce((sum, value, i) => {
          if (value === 0) expect(counts[row]![i]).toBe(0);
          return value === 0 ? sum : sum + (counts[row]![i]! - draws * value) ** 2 / (draws * value);
        }, 0);
        expect(statistic).toBeLessThan(16.3); // exceeded by 3 degrees of freedom once in a thousand seeds
      }
    }
  });

  test("Gumbel: mean and variance within 4 standard errors; cdf of the draws is uniform (Kolmogorov-Smirnov)", () => {
    const p = new Gumbel({ loc: 2, scale: 3 });
    const x = p.sample(key(4), [draws]);
    const [mean, variance] = [p.mean(), p.variance()].map((tensor) => tensor.dataSync()[0]!);
    const moments = tf.moments(x);
    expect(Math.abs(moments.mean.dataSync()[0]! - mean!)).toBeLessThan(4 * Math.sqrt(variance! / draws));
    expect(Math.abs(moments.variance.dataSync()[0]! / variance! - 1)).toBeLessThan(
      4 * Math.sqrt(4.4 / draws),
    );
    const sorted = Array.from(p.cdf(x).dataSync()).sort((a, b) => a - b);
    const distance = sorted.reduce((most, u, i) => Math.max(most, (i + 1) / draws - u, u - i / draws), 0);
    expect(distance * Math.sqrt(draws)).toBeLessThan(1.95);
  });

  test("RelaxedOneHotCategorical: exp(logProb) is the density of the draws (two classes, 20 cells)", () => {
    const p = new RelaxedOneHotCategorical({ logits: tf.tensor1d([0.4, -0.3]), temperature: 0.8 });
    const counts = new Array(20).fill(0);
    const first = p
      .sample(key(6), [draws])
      .dataSync()
      .filter((_, i) => i % 2 === 0);
    for (const y of first) counts[Math.min(19, Math.floor(y * 20))]++;
    const steps = 500; // midpoints in each cell
    const points = Array.from({ length: 20 * steps }, (_, i) => (i + 0.5) / (20 * steps));
    const density = Array.from(tf.exp(p.logProb(tf.tensor2d(points.map((y) => [y, 1 - y])))).dataSync());
    let statistic = 0;
    for (const [cell, count] of counts.entries()) {
      const mass =
        density.slice(cell * steps, (cell + 1) * steps).reduce((sum, d) => sum + d, 0) / (20 * steps);
      statistic += (count - draws * mass) ** 2 / (draws * mass);
    }
    expect(statistic).toBeLessThan(43.8); // 19 degrees of freedom, once in a thousand seeds
  });

  test("the same key gives the same draws, another key others; rsample gives those of sample", () => {
    const all: Distribution[] = [
      new Gumbel({ loc: tf.tensor1d([1, 2]) }),
      new Categorical({ logits: tf.tensor(logits) }),
      new OneHotCategorical({ logits: tf.tensor(logits) }),
      new RelaxedOneHotCategorical({ logits: tf.tensor(logits), temperature: 0.5 }),
      new ExpRelaxedOneHotCategorical({ logits: tf.tensor(logits), temperature: 0.5 }),
    ];
    for (const p of all) {
      const draw = (seed: number) => Array.from(p.sample(key(seed), [3, 2]).dataSync());
      expect(draw(1)).toEqual(draw(1));
      expect(draw(1)).not.toEqual(draw(2));
      expect(p.sample(key(0), [3, 2]).shape).toEqual([3, 2, ...p.batchShape, ...p.eventShape]);
      expect(p.logProb(p.sample(key(0), [3, 2])).shape).toEqual([3, 2, ...p.batchShape]);
      if ("rsample" in p) {
        const reparameterized = (p as Gumbel).rsample(key(1), [3, 2]).dataSync();
        expect(Array.from(reparameterized)).toEqual(draw(1));
      }
      expect(leaked(() => [p.sample(key(1), [2]), p.logProb(p.sample(key(1)))])).toBe(1); // the inner draw
    }
  });
});

describe("forbidden classes and extreme numbers", () => {
  const finite = (tensor: tf.Tensor) =>
    expect(Array.from(tensor.dataSync()).every(Number.isFinite)).toBe(true);

  test("a mask, -Infinity and probability 0 forbid alike", () => {
    const forms = [
      { logits: tf.tensor(logits), mask: tf.tensor(masked) },
      { logits: tf.tensor(logits.map((row, i) => row.map((s, j) => (masked[i]![j] ? s : -Infinity)))) },
      { probs: tf.mul(tf.softmax(tf.tensor(logits)), tf.tensor(masked)) },
    ].map((options) => new Categorical(options));
    for (const p of forms) {
      near(p.probs(), rowsOf(forms[0]!.probs()));
      near(p.entropy(), Array.from(forms[0]!.entropy().dataSync()));
      expect(rowsOf(p.logProbs())[1]).toEqual([-Infinity, -Infinity, 0, -Infinity]);
      expect(Array.from(p.logProb(tf.tensor1d([1, 2], "int32")).dataSync())).toEqual([-Infinity, 0]);
      expect(p.logProb(tf.tensor1d([4, -1], "int32")).dataSync()).toEqual(
        Float32Array.of(-Infinity, -Infinity),
      );
    }
  });

  test("gradients of entropy, divergence and draws stay finite with forbidden classes", () => {
    const value = tf.tensor([
      [1, -Infinity, 30, -80],
      [-Infinity, -Infinity, 2, -Infinity],
    ]);
    const gradientOf = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((x) => tf.sum(f(x)))(value);
    const q = new Categorical({ logits: tf.tensor(logits) });
    finite(gradientOf((x) => new Categorical({ logits: x }).entropy()));
    finite(gradientOf((x) => klDivergence(new Categorical({ logits: x }), q)));
    finite(gradientOf((x) => new Categorical({ logits: x }).logProb(tf.scalar(2, "int32"))));
    finite(gradientOf((x) => new OneHotCategorical({ logits: x }).variance()));
    const relaxed = (x: tf.Tensor) => new RelaxedOneHotCategorical({ logits: x, temperature: 1e-4 });
    finite(gradientOf((x) => tf.square(relaxed(x).rsample(key(0)))));
    finite(
      gradientOf((x) =>
        relaxed(x).logProb(
          tf.tensor([
            [0.2, 0, 0.5, 0.3],
            [0, 0, 1, 0],
          ]),
        ),
      ),
    );
    finite(tf.grad((p) => tf.sum(new Categorical({ probs: p }).entropy()))(tf.tensor1d([0, 0.5, 0.5])));
  });

  test("q forbids what p allows: +Infinity; the other way round: finite", () => {
    const p = new Categorical({ logits: tf.tensor1d([0, 0, 0]) });
    const q = new Categorical({ logits: tf.tensor1d([0, 0, -Infinity]) });
    expect(klDivergence(p, q).dataSync()[0]).toBe(Infinity);
    expect(klDivergence(q, p).dataSync()[0]).toBeCloseTo(Math.log(1.5), 6);
  });

  test("logits of +-1e30 and beyond, one class, nothing allowed", () => {
    for (const row of [[1e30, -1e30, 0], [3.4e38, -3.4e38, 0], [7], [-Infinity, -Infinity]]) {
      const options = { logits: tf.tensor1d(row) };
      const p = new Categorical(options);
      for (const tensor of [p.probs(), p.entropy(), p.sample(key(0)), p.mode()]) finite(tensor);
      for (const temperature of [1e-4, 1]) {
        const relaxed = new RelaxedOneHotCategorical({ ...options, temperature });
        finite(relaxed.sample(key(0), [5]));
        const some = row[0] !== -Infinity;
        const total = rowsOf(relaxed.sample(key(0), [5])).map((y) => y.reduce((a, b) => a + b));
        for (const sum of total) expect(sum).toBeCloseTo(some ? 1 : 0, 5);
      }
    }
    const nothing = new RelaxedOneHotCategorical({ logits: tf.fill([2], -Infinity), temperature: 1 });
    expect(nothing.logProb(tf.tensor1d([0.5, 0.5])).dataSync()[0]).toBe(-Infinity);
    expect(new Categorical({ logits: tf.tensor1d([Number.NaN, 0]) }).probs().dataSync()[0]).toBe(Number.NaN);
  });

  test("relaxed: a component of a forbidden class is outside the support, a component of 0 is not", () => {
    const p = new RelaxedOneHotCategorical({ logits: tf.tensor1d([1, 2, -Infinity]), temperature: 0.5 });
    const two = new RelaxedOneHotCategorical({ logits: tf.tensor1d([1, 2]), temperature: 0.5 });
    near(p.logProb(tf.tensor1d([0.3, 0.7, 0])), two.logProb(tf.tensor1d([0.3, 0.7])).dataSync()[0]!);
    expect(p.logProb(tf.tensor1d([0.3, 0.6, 0.1])).dataSync()[0]).toBe(-Infinity);
    finite(two.logProb(tf.tensor1d([1, 0])));
  });
});

test("what is not a distribution is refused, with what to give", () => {
  const code = (code: string) => expect.objectContaining({ code });
  expect(() => new Categorical({})).toThrow(/E_SHAPE Categorical: .*neither/);
  expect(() => new Categorical({ logits: tf.zeros([2]), probs: tf.zeros([2]) })).toThrow(/both/);
  expect(() => new OneHotCategorical({ logits: tf.scalar(1) })).toThrow(code("E_SHAPE"));
  expect(() => new RelaxedOneHotCategorical({ logits: tf.zeros([2]), temperature: 0 })).toThrow(
    code("E_RANGE"),
  );
  expect(() => new Gumbel({ scale: tf.tensor1d([1, 0]) })).toThrow(code("E_RANGE"));
  expect(() => new Gumbel({ loc: tf.zeros([2]), scale: tf.ones([3]) })).toThrow(code("E_SHAPE"));
  expect(() =>
    klDivergence(new Categorical({ logits: tf.zeros([2]) }), new Categorical({ logits: tf.zeros([3]) })),
  ).toThrow(code("E_SHAPE"));
});

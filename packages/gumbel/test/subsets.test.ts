import { initBackend, jit, key, type RandomKey } from "@symgrad/core";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  gumbelSinkhorn,
  gumbelTopK,
  simpleSubset,
  straightThrough,
  straightThroughGumbel,
  subsetMarginals,
} from "../src/index";
import { leaked, rowsOf } from "./tensors";

const traces = await initBackend({ backend: "onnxruntime" }).then(
  () => true,
  () => false,
);
beforeAll(async () => void (await initBackend(traces ? { backend: "onnxruntime" } : {})));

const s = [0.5, -1, 1.2, 0, 0.3];
const g = [1, -2, 0.5, 3, -0.7];

/** All subsets of size k with their probabilities, in double precision. */
function subsets(scores: number[], k: number): { z: number[]; p: number }[] {
  const all = Array.from({ length: 2 ** scores.length }, (_, bits) => scores.map((_, i) => (bits >> i) & 1))
    .filter((z) => z.reduce((a, b) => a + b) === k)
    .map((z) => ({ z, p: Math.exp(z.reduce((sum, one, i) => sum + one * scores[i]!, 0)) }));
  const total = all.reduce((sum, { p }) => sum + p, 0);
  return all.map(({ z, p }) => ({ z, p: p / total }));
}
const mean = (all: { z: number[]; p: number }[], value: (z: number[]) => number) =>
  all.reduce((sum, { z, p }) => sum + p * value(z), 0);
const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function gradientOf(choose: (s: tf.Tensor2D) => tf.Tensor2D, rows: number[][], slopes = g): number[][] {
  return tf.tidy(() =>
    rowsOf(
      tf.grad((x) => tf.sum(tf.mul(choose(x as tf.Tensor2D), tf.tensor1d(slopes.slice(0, rows[0]!.length)))))(
        tf.tensor2d(rows),
      ),
    ),
  );
}

describe("simpleSubset", () => {
  test.each([1, 2, 3, 5])("k = %d: marginals and backward pass are those of the enumeration", (k) => {
    const all = subsets(s, k);
    const marginals = s.map((_, i) => mean(all, (z) => z[i]!));
    const level = mean(all, (z) => inner(z, g));
    const covariance = s.map((_, i) => mean(all, (z) => z[i]! * (inner(z, g) - level)));
    expect(
      rowsOf(subsetMarginals(tf.tensor2d([s]), { k }))[0]!
        .map((p, i) => p - marginals[i]!)
        .every((d) => Math.abs(d) < 1e-5),
    ).toBe(true);
    const [gradient] = gradientOf((x) => simpleSubset({ k }).choose(x, { key: key(0) }).weights, [s]);
    for (const [i, value] of gradient!.entries()) expect(value).toBeCloseTo(covariance[i]!, 4);
  });

  test("draws subsets with their probabilities (chi-square, 20,000 draws)", () => {
    const n = 20_000;
    const drawn = tf.tidy(() =>
      rowsOf(
        simpleSubset({ k: 2 }).choose(tf.tile(tf.tensor2d([s]), [n, 1]), { key: key("subsets") }).weights,
      ),
    );
    const counts = new Map<string, number>();
    for (const row of drawn) counts.set(row.join(), (counts.get(row.join()) ?? 0) + 1);
    const all = subsets(s, 2);
    expect(counts.size).toBe(all.length);
    const statistic = all.reduce(
      (sum, { z, p }) => sum + ((counts.get(z.join()) ?? 0) - n * p) ** 2 / (n * p),
      0,
    );
    expect(statistic).toBeLessThan(27.9); // 9 degrees of freedom, exceeded once in a thousand keys
  });

  test("k = 1 is straight-through", () => {
    const [ours] = gradientOf((x) => simpleSubset({ k: 1 }).choose(x).weights, [s]);
    const [plain] = gradientOf((x) => straightThrough().choose(x).weights, [s]);
    expect(relativeError(ours!, plain!)).toBeLessThan(1e-4);
  });
});

describe("gumbelTopK", () => {
  test("draws without replacement: the first two in the order of their odds (chi-square)", () => {
    const n = 20_000;
    const drawn = tf.tidy(() =>
      rowsOf(
        gumbelTopK({ k: 2, temperature: 1 }).choose(tf.tile(tf.tensor2d([s]), [n, 1]), { key: key("top k") })
          .weights,
      ),
    );
    const odds = s.map(Math.exp);
    const total = odds.reduce((a, b) => a + b);
    let statistic = 0;
    for (let i = 0; i < s.length; i++) {
      for (let j = 0; j < i; j++) {
        const p = ((odds[i]! * odds[j]!) / total) * (1 / (total - odds[i]!) + 1 / (total - odds[j]!));
        const count = drawn.filter((row) => row[i] === 1 && row[j] === 1).length;
        statistic += (count - n * p) ** 2 / (n * p);
      }
    }
    expect(statistic).toBeLessThan(27.9);
  });

  test("k = 1 is straight-through Gumbel", () => {
    const options = { key: key(4) };
    const [ours] = gradientOf((x) => gumbelTopK({ k: 1, temperature: 0.6 }).choose(x, options).weights, [s]);
    const [plain] = gradientOf(
      (x) => straightThroughGumbel({ temperature: 0.6 }).choose(x, options).weights,
      [s],
    );
    expect(relativeError(ours!, plain!)).toBeLessThan(1e-5);
  });

  test("backward: the relaxed subset's gradient, by central differences in double precision", () => {
    const temperature = 0.8;
    const relaxed = (x: number[]) => {
      let a = x.map((value) => value / temperature);
      let value = 0;
      for (let j = 0; j < 3; j++) {
        const total = a.reduce((sum, each) => sum + Math.exp(each), 0);
        const p = a.map((each) => Math.exp(each) / total);
        value += inner(p, g);
        a = a.map((each, i) => each + Math.log(1 - p[i]!));
      }
      return value;
    };
    const [gradient] = gradientOf((x) => gumbelTopK({ k: 3, temperature }).choose(x).weights, [s]);
    for (const [i, value] of gradient!.entries()) {
      const moved = (by: number) => s.map((x, j) => (i === j ? x + by : x));
      expect(value).toBeCloseTo((relaxed(moved(1e-5)) - relaxed(moved(-1e-5))) / 2e-5, 4);
    }
  });
});

describe.each([simpleSubset({ k: 2 }), gumbelTopK({ k: 2, temperature: 0.5 })])("$name", (estimator) => {
  const rows = [
    [0.5, -1, 1.2, 0, 0.3],
    [1e30, -1e30, 1e30, 0, 5],
    [-Infinity, 2, -Infinity, -Infinity, -Infinity],
    [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
    [3, 2, 1, 0, -1],
  ];
  const mask = tf.tensor2d([
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1],
    [0, 1, 0, 1, 1],
  ]);

  test("masks, too few candidates, none, and huge logits", () => {
    for (const options of [{ mask }, { mask, key: key(3) }]) {
      const { weights, empty } = estimator.choose(tf.tensor2d(rows), options);
      const [plain, huge, one, none, masked] = rowsOf(weights);
      expect([plain, huge, one, none, masked].map((row) => row!.reduce((a, b) => a + b))).toEqual([
        2, 2, 1, 0, 2,
      ]);
      expect(huge).toEqual([1, 0, 1, 0, 0]);
      expect(one).toEqual([0, 1, 0, 0, 0]);
      expect([masked![0], masked![2]]).toEqual([0, 0]);
      expect(Array.from(empty.dataSync())).toEqual([0, 0, 0, 1, 0]);
      const gradient = gradientOf((x) => estimator.choose(x, options).weights, rows);
      expect(gradient.flat().every(Number.isFinite)).toBe(true);
      expect(gradient[3]!.every((value) => value === 0)).toBe(true);
      expect([gradient[4]![0], gradient[4]![2]].map((x) => Math.abs(x!))).toEqual([0, 0]);
    }
    expect(rowsOf(estimator.choose(tf.tensor2d([[3, 1, 2, 0, 0]])).weights)).toEqual([[1, 0, 1, 0, 0]]);
  });

  test("NaN reaches the weights, nothing is left behind", () => {
    const { weights } = estimator.choose(tf.tensor2d([[Number.NaN, 1, 2]]), { key: key(0) });
    expect(rowsOf(weights)[0]!.every(Number.isNaN)).toBe(true);
    const logits = tf.tensor2d(rows);
    expect(leaked(() => Object.values(estimator.choose(logits, { mask, key: key(1) })))).toBe(0);
  });

  test.skipIf(!traces)("inside jit: the eager numbers", async () => {
    const step = (x: tf.Tensor2D, random: RandomKey) => ({
      weights: estimator.choose(x, { key: random }).weights,
      gradient: tf.grad((at) =>
        tf.sum(tf.mul(estimator.choose(at as tf.Tensor2D, { key: random }).weights, tf.tensor1d(g))),
      )(x),
    });
    const traced = jit(step);
    for (const seed of [1, 2]) {
      const [eager, actual] = [step(tf.tensor2d([s]), key(seed)), await traced(tf.tensor2d([s]), key(seed))];
      expect(rowsOf(actual.weights)).toEqual(rowsOf(eager.weights));
      expect(relativeError(actual.gradient.dataSync(), eager.gradient.dataSync())).toBeLessThan(1e-4);
    }
    expect(traced.stats.traces).toBe(1);
    await traced.dispose();
  });
});

test("simpleSubset refuses more than there are", () => {
  expect(() => simpleSubset({ k: 0 })).toThrow(/E_RANGE.*`k`/);
  expect(() => simpleSubset({ k: 3 }).choose(tf.zeros([1, 2]))).toThrow(/E_RANGE.*k = 3 of 2/);
});

describe("gumbelSinkhorn", () => {
  const logits = tf.tensor3d([
    [
      [2, 0.1, -1],
      [0.3, 1, 0.5],
      [1.5, 0.2, 0],
    ],
  ]);

  test("rows and columns sum to 1; another key, another matching; a low temperature, the best one", () => {
    const soft = gumbelSinkhorn(logits, { temperature: 1, key: key(1) });
    for (const axis of [1, 2]) for (const sum of tf.sum(soft, axis).dataSync()) expect(sum).toBeCloseTo(1, 3);
    expect(Array.from(soft.dataSync())).not.toEqual(
      Array.from(gumbelSinkhorn(logits, { temperature: 1, key: key(2) }).dataSync()),
    );
    // 2 + 1 + 0 is less than 1.5 + 1 - 1, 2 + 0.5 + 0.2 is 2.7: the diagonal's 3 is best.
    const hard = gumbelSinkhorn(logits, { temperature: 0.02, iterations: 200 });
    expect(Array.from(hard.dataSync(), Math.round)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test.skipIf(!traces)("differentiable: central differences; inside jit", async () => {
    const value = (x: tf.Tensor) =>
      tf.sum(tf.square(tf.sub(gumbelSinkhorn(x as tf.Tensor3D, { temperature: 0.7, key: key(5) }), 0.3)));
    const gradient = tf.grad(value)(logits);
    const direction = tf.randomNormal([1, 3, 3], 0, 1, "float32", 3);
    const along = (by: number) => value(tf.add(logits, tf.mul(direction, by))).dataSync()[0]!;
    const stated = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!;
    expect(stated).toBeCloseTo((along(5e-3) - along(-5e-3)) / 1e-2, 2);
    expect(Math.abs(stated)).toBeGreaterThan(0.05);
    const traced = jit((x: tf.Tensor) => tf.grad(value)(x));
    expect(relativeError((await traced(logits)).dataSync(), gradient.dataSync())).toBeLessThan(1e-4);
    await traced.dispose();
  });

  test("forbidden places stay empty; a thing without a place has a row of zeros", () => {
    const mask = tf.tensor3d([1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [2, 3, 3]);
    const soft = gumbelSinkhorn(tf.tile(logits, [2, 1, 1]), {
      temperature: 0.5,
      key: key(3),
      mask,
      iterations: 100,
    });
    const [first, second] = soft.arraySync() as [number[][], number[][]];
    expect([first[0]![1], first[1]![2]]).toEqual([0, 0]);
    for (const row of first) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 3);
    expect(second[2]).toEqual([0, 0, 0]);
    for (const row of second.slice(0, 2)) expect(Number.isFinite(row[0]! + row[1]! + row[2]!)).toBe(true);
  });

  test("hard: a matching within the mask, the best one at a low temperature; the relaxed one's gradient", () => {
    const mask = tf.tensor3d([0, 1, 1, 1, 1, 1, 1, 1, 1], [1, 3, 3]); // without the best one's first place
    for (let seed = 0; seed < 20; seed++) {
      const drawn = gumbelSinkhorn(logits, { temperature: 1, key: key(seed), mask, hard: true });
      for (const axis of [1, 2]) expect(Array.from(tf.sum(drawn, axis).dataSync())).toEqual([1, 1, 1]);
      for (const entry of drawn.dataSync()) expect([0, 1]).toContain(entry);
      expect(drawn.dataSync()[0]).toBe(0);
    }
    // The permutations without place 0 for thing 0: 0.1 + 0.5 + 1.5 = 2.1 is the largest sum.
    const best = gumbelSinkhorn(logits, { temperature: 0.05, iterations: 200, mask, hard: true });
    expect(Array.from(best.dataSync())).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    const g = tf.tensor3d([1, -2, 0.5, 3, -0.7, 1, 0, 2, 1], [1, 3, 3]);
    const gradient = (hard: boolean) =>
      tf.grad((x) =>
        tf.sum(tf.mul(gumbelSinkhorn(x as tf.Tensor3D, { temperature: 1, key: key(1), hard }), g)),
      )(logits);
    expect(relativeError(gradient(true).dataSync(), gradient(false).dataSync())).toBeLessThan(1e-6);
  });

  test("refuses what is not square", () => {
    expect(() => gumbelSinkhorn(tf.zeros([1, 2, 3]), { temperature: 1 })).toThrow(/E_SHAPE/);
    expect(() => gumbelSinkhorn(logits, { temperature: 1, mask: tf.ones([1, 3, 2]) })).toThrow(/E_SHAPE/);
    expect(() => gumbelSinkhorn(logits, { temperature: 0 })).toThrow(/E_RANGE/);
  });
});

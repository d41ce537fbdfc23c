import { initBackend, jit, key } from "@symgrad/core";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  darn,
  type Estimator,
  entmax15,
  exact,
  exactMarginal,
  gappedStraightThrough,
  gradientProblem,
  gradientReport,
  gumbelRao,
  imle,
  indecater,
  marginalLoss,
  perturbed,
  rebar,
  reinforce,
  reinforceMovingAverage,
  reinforceSelfCritic,
  reinmax,
  relax,
  rloo,
  sparsemax,
  straightThrough,
  straightThroughGumbel,
  topKTail,
  vargrad,
  zgr,
} from "../src/index";
import { conditionalScores } from "../src/internal/conditionalScores";
import { draw } from "../src/internal/draw";
import { rowsOf } from "./tensors";

const traces = await initBackend({ backend: "onnxruntime" }).then(
  () => true,
  () => false,
);
beforeAll(async () => void (await initBackend(traces ? { backend: "onnxruntime" } : {})));

const unbiased: (() => Estimator)[] = [
  reinforce,
  reinforceMovingAverage,
  reinforceSelfCritic,
  rloo,
  vargrad,
  rebar,
  () => rebar({ eta: 0.3, temperature: 2 }),
  () => relax({ candidates: 10, key: key(1) }),
  topKTail,
  () => topKTail({ k: 1 }),
];

test.each([
  ["quartic", unbiased],
  ["quadratic", [reinmax, zgr]],
  ["linear", [straightThrough, darn, perturbed]],
] as const)("unbiased on %s: within 4 standard errors", async (name, creators) => {
  const estimators = creators.map((create) => create());
  const rows = await gradientReport(gradientProblem(name), estimators, {
    samples: 8_000,
    key: key("laws"),
    warmUpSteps: 20,
  });
  for (const { estimator, bias, standardError } of rows) {
    expect.soft(bias, estimator).toBeLessThanOrEqual(4 * standardError);
    expect.soft(standardError, estimator).toBeLessThan(0.2); // else the bound says nothing
  }
});

test("no bias and no variance: enumeration everywhere, straight-through on a linear loss", async () => {
  const row = { bias: 0, standardDeviation: 0 };
  const calc = await gradientReport(gradientProblem("calc"), [exact(), exactMarginal(), indecater()], {
    samples: 50,
    key: key(0),
  });
  for (const each of calc) expect(each).toMatchObject(row);
  const linear = await gradientReport(gradientProblem("linear"), [straightThrough()], {
    samples: 50,
    key: key(0),
  });
  expect(linear[0]).toMatchObject(row);
});

test("all of the top k: exact; more of it covered: less variance", async () => {
  const estimators = [1, 4, 8, 10].map((k) => topKTail({ k }));
  const rows = await gradientReport(gradientProblem("quadratic"), estimators, {
    samples: 2_000,
    key: key(0),
  });
  for (let i = 1; i < rows.length; i++) {
    expect(rows[i]!.standardDeviation).toBeLessThan(rows[i - 1]!.standardDeviation);
  }
  expect(rows[3]).toMatchObject({ bias: 0, standardDeviation: 0, evaluations: 11 });
});

/** The formulas in double precision, written out from the papers. */
const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const jacobian = (p: number[], g: number[]) => p.map((value, i) => value * (g[i]! - inner(p, g)));
function softmax(s: number[]): number[] {
  const powers = s.map((value) => Math.exp(value - Math.max(...s)));
  return powers.map((value) => value / powers.reduce((a, b) => a + b));
}
function zgrReference(s: number[], g: number[], chosen: number): number[] {
  const pi = softmax(s);
  const difference = pi.map((p, i) => (i === chosen ? 1 : 0) - p);
  const slope = jacobian(pi, g);
  return difference.map((d, i) => (slope[i]! + inner(difference, g) * d) / 2);
}
/** Algorithm 2 of arXiv:2304.08612, the centering included. */
function reinmaxReference(s: number[], g: number[], chosen: number): number[] {
  const pi = softmax(s);
  const middle = pi.map((p, i) => (p + (i === chosen ? 1 : 0)) / 2);
  const [second, first] = [jacobian(middle, g), jacobian(pi, g)];
  const gradient = second.map((value, i) => 2 * value - first[i]! / 2);
  const mean = gradient.reduce((a, b) => a + b) / gradient.length;
  return gradient.map((value) => value - mean);
}
const number = fc.double({ min: -3, max: 3, noNaN: true });
const rows = fc.integer({ min: 2, max: 8 }).chain((size) =>
  fc.record({
    s: fc.array(number, { minLength: size, maxLength: size }),
    g: fc.array(number, { minLength: size, maxLength: size }),
    chosen: fc.nat(size - 1),
    seed: fc.nat(1e6),
  }),
);

test("ReinMax is ZGR: to 1e-12 in double precision, and both are what the package computes", () => {
  fc.assert(
    fc.property(rows, ({ s, g, chosen, seed }) => {
      const [a, b] = [reinmaxReference(s, g, chosen), zgrReference(s, g, chosen)];
      for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!)).toBeLessThan(1e-12);
      for (const [estimator, reference] of [
        [reinmax(), reinmaxReference],
        [zgr(), zgrReference],
      ] as const) {
        const { index, gradient } = linear(estimator, [s], g, seed);
        const expected = reference(s, g, index[0]!);
        for (const [i, value] of gradient[0]!.entries())
          expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5);
      }
    }),
    { numRuns: 30 },
  );
});

/** Choices and gradients of <g, z> for rows of logits. */
function linear(estimator: ReturnType<typeof zgr>, s: number[][], g: number[], seed: number | string) {
  return tf.tidy(() => {
    const options = { key: key(seed) };
    const logits = tf.tensor2d(s);
    const { index } = estimator.choose(logits, options);
    const loss = (z: tf.Tensor2D) => tf.sum(tf.mul(z, tf.tensor1d(g)), 1) as tf.Tensor1D;
    const gradient = tf.grad((at) => estimator.expectedLoss(at as tf.Tensor2D, loss, options))(logits);
    return { index: Array.from(index.dataSync()), gradient: rowsOf(gradient) };
  });
}

/** Mean and standard error of each coordinate. */
function meansOf(samples: number[][]): { mean: number[]; error: number[] } {
  const n = samples.length;
  const mean = samples[0]!.map((_, i) => samples.reduce((sum, row) => sum + row[i]!, 0) / n);
  const error = mean.map((m, i) =>
    Math.sqrt(samples.reduce((sum, row) => sum + (row[i]! - m) ** 2, 0) / n / n),
  );
  return { mean, error };
}
function expectEqualMeans(a: number[][], b: number[][], errors = 4.5): void {
  const [x, y] = [meansOf(a), meansOf(b)];
  for (const [i, mean] of x.mean.entries()) {
    expect(Math.abs(mean - y.mean[i]!)).toBeLessThan(errors * Math.hypot(x.error[i]!, y.error[i]!) + 1e-6);
  }
}

describe("Gumbel-Rao", () => {
  const s = [0.5, -1, 2, 0.3];
  const g = [1, -2, 0.5, 3];

  test("has the mean of straight-through Gumbel, and less variance", () => {
    const many = new Array(20_000).fill(s);
    const rao = linear(gumbelRao({ temperature: 0.7 }), many, g, "rao").gradient;
    const plain = linear(straightThroughGumbel({ temperature: 0.7 }), many, g, "plain").gradient;
    expectEqualMeans(rao, plain);
    const size = (samples: number[][]) => inner(meansOf(samples).error, meansOf(samples).error);
    expect(size(rao)).toBeLessThan(0.8 * size(plain));
  });

  test("becomes ZGR, choice by choice, as the temperature goes to 0", () => {
    const { index, gradient } = linear(
      gumbelRao({ temperature: 0.02, samples: 200 }),
      new Array(600).fill(s),
      g,
      5,
    );
    for (const chosen of [2, 0, 3]) {
      const given = gradient.filter((_, row) => index[row] === chosen);
      expect(given.length).toBeGreaterThan(30);
      const { mean, error } = meansOf(given);
      const limit = zgrReference(s, g, chosen);
      for (const [i, value] of mean.entries()) {
        expect(Math.abs(value - limit[i]!)).toBeLessThan(4.5 * error[i]! + 0.03); // 0.03: the temperature is not 0
      }
    }
  });

  test("noise drawn given the choice has, over all choices, the law of the noise (Kolmogorov-Smirnov)", () => {
    const n = 20_000;
    const { scores, index } = tf.tidy(() => {
      const drawn = draw(tf.tile(tf.tensor2d([s]), [n, 1]), undefined, key("first"));
      const given = conditionalScores(drawn, key("then"), 1);
      return { scores: rowsOf(tf.squeeze(given.scores, [1])), index: Array.from(drawn.index.dataSync()) };
    });
    const peak = Math.max(...s);
    for (const [i, location] of s.entries()) {
      const sorted = scores.map((row) => row[i]! - (location - peak)).sort((a, b) => a - b);
      const distance = sorted.reduce((most, value, rank) => {
        const law = Math.exp(-Math.exp(-value));
        return Math.max(most, law - rank / n, (rank + 1) / n - law);
      }, 0);
      expect(distance * Math.sqrt(n)).toBeLessThan(1.95); // exceeded once in a thousand keys
    }
    for (const [row, values] of scores.entries()) expect(Math.max(...values)).toBe(values[index[row]!]);
  });
});

const bent = (z: tf.Tensor2D) =>
  tf.square(tf.add(tf.sum(tf.mul(z, tf.tensor1d([1, -2, 0.5])), 1), 1)) as tf.Tensor1D;
const three = tf.tensor2d([[0.2, -0.4, 1]]);

test("VarGrad, scaled, is RLOO", () => {
  const gradient = (estimator: Estimator) =>
    tf
      .grad((s) => estimator.expectedLoss(s as tf.Tensor2D, bent, { key: key(3) }))(three)
      .dataSync();
  expect(relativeError(gradient(vargrad({ samples: 5 })), gradient(rloo({ samples: 5 })))).toBeLessThan(1e-5);
});

test.each([reinforce(), reinforceSelfCritic(), rloo({ samples: 3 }), topKTail({ k: 2 })])(
  "$name: sample() names the candidates at which the loss is then called",
  (estimator) => {
    for (const options of [{ key: key(8) }, {}]) {
      const seen: number[] = [];
      const recorded = (z: tf.Tensor2D) => {
        seen.push(tf.argMax(z, 1).dataSync()[0]!);
        return bent(z);
      };
      estimator.expectedLoss(three, recorded, options);
      expect(estimator.sample(three, options).map((index) => index.dataSync()[0])).toEqual(seen);
    }
  },
);

test("the moving average: 0 at first, then the mean of the losses so far; inside jit too", async () => {
  const constant = (level: tf.Scalar) => (z: tf.Tensor2D) =>
    tf.mul(level, tf.add(tf.mul(0, tf.sum(z, 1)), 1)) as tf.Tensor1D;
  for (const traced of [false, true]) {
    const estimator = reinforceMovingAverage({ decay: 0.5 });
    const plain = (level: tf.Scalar) =>
      tf.grad((s) => estimator.expectedLoss(s as tf.Tensor2D, constant(level), { key: key(1) }))(three);
    const step = traced ? jit(plain) : plain;
    const first = (await step(tf.scalar(4))).dataSync();
    const second = (await step(tf.scalar(4))).dataSync(); // the baseline is 4 now
    const third = (await step(tf.scalar(10))).dataSync();
    expect(Math.max(...Array.from(first, Math.abs))).toBeGreaterThan(0.1);
    for (const value of second) expect(value).toBeCloseTo(0, 5);
    expect(
      relativeError(
        third,
        first.map((value) => (value * 6) / 4),
      ),
    ).toBeLessThan(1e-5);
    expect([...estimator.parameters().values()].every(({ trainable }) => !trainable)).toBe(true);
    estimator.dispose();
  }
});

test("RELAX: its variables get the gradient of |gradient|^2, by central differences", () => {
  const estimator = relax({ candidates: 3, key: key(2), hidden: 3 });
  const variables = [...estimator.parameters().values()];
  for (const [i, variable] of variables.entries()) {
    // Not the seed 0: TensorFlow.js draws a random one in its place.
    variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, 0.3, "float32", i + 11)));
  }
  const random = key("variance");
  const size = () =>
    tf.tidy(
      () =>
        tf
          .sum(
            tf.square(tf.grad((s) => estimator.expectedLoss(s as tf.Tensor2D, bent, { key: random }))(three)),
          )
          .dataSync()[0]!,
    );
  const { grads } = tf.variableGrads(
    () => tf.sum(estimator.expectedLoss(three, bent, { key: random })) as tf.Scalar,
    variables,
  );
  for (const variable of variables) {
    const direction = tf.randomNormal(variable.shape, 0, 1, "float32", 9);
    const start = tf.clone(variable);
    const along = (distance: number) => {
      variable.assign(tf.add(start, tf.mul(direction, distance)));
      return size();
    };
    const measured = (along(5e-3) - along(-5e-3)) / 1e-2;
    variable.assign(start);
    const stated = tf.sum(tf.mul(grads[variable.name]!, direction)).dataSync()[0]!;
    expect(Math.abs(stated - measured)).toBeLessThan(2e-2 * Math.abs(measured) + 2e-3);
    expect(Math.abs(measured)).toBeGreaterThan(1e-2);
  }
  estimator.dispose();
});

test("RELAX learns: less variance after its warm-up", async () => {
  const report = async (warmUpSteps: number) => {
    const estimator = relax({ candidates: 10, key: key(4) });
    const options = { samples: 4_000, key: key(5), warmUpSteps };
    const [row] = await gradientReport(gradientProblem("quadratic"), [estimator], options);
    estimator.dispose();
    return row!.standardDeviation;
  };
  expect(await report(150)).toBeLessThan(0.9 * (await report(0)));
});

const logitRow = fc.array(
  fc.integer({ min: -150, max: 150 }).map((n) => n / 100),
  { minLength: 4, maxLength: 4 },
);

test.each([
  ["straight-through", straightThrough, (s: number[]) => s],
  [
    "gapped straight-through",
    (options: { temperature: number }) => gappedStraightThrough({ ...options, gap: 0.8 }),
    (s: number[], drawn: number[]) => {
      const highest = Math.max(...s);
      return s.map((score, k) => (drawn[k] === 1 ? highest : score - Math.max(0, score - highest + 0.8)));
    },
  ],
] as const)("%s: the formula, in double precision, at the choice that was drawn", (_, create, moved) => {
  const temperature = 0.7;
  const slopes = [1, -2, 0.5, 3];
  const estimator = create({ temperature });
  fc.assert(
    fc.property(logitRow, fc.integer({ min: 1, max: 1000 }), (s, seed) => {
      const [[drawn], [gradient]] = tf.tidy(() => {
        const weights = (at: tf.Tensor) => estimator.choose(at as tf.Tensor2D, { key: key(seed) }).weights;
        const linear = (at: tf.Tensor) => tf.sum(tf.mul(weights(at), tf.tensor1d(slopes)), 1);
        const logits = tf.tensor2d([s]);
        return [rowsOf(weights(logits)), rowsOf(tf.grad(linear)(logits))];
      });
      const soft = softmax(moved(s, drawn!).map((score) => score / temperature));
      const mean = inner(soft, slopes);
      for (const [k, value] of gradient!.entries()) {
        expect(value).toBeCloseTo((soft[k]! * (slopes[k]! - mean)) / temperature, 4);
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["sparsemax", sparsemax, 2],
  ["1.5-entmax", entmax15, 1.5],
] as const)(
  "%s: one threshold under all that is kept and over the rest; its Jacobian",
  (_, create, alpha) => {
    const slopes = [1, -2, 0.5, 3];
    fc.assert(
      fc.property(logitRow, (s) => {
        const [[p], [gradient]] = tf.tidy(() => {
          const weights = (at: tf.Tensor) => create().choose(at as tf.Tensor2D).weights;
          const linear = (at: tf.Tensor) => tf.sum(tf.mul(weights(at), tf.tensor1d(slopes)), 1);
          const logits = tf.tensor2d([s]);
          return [rowsOf(weights(logits)), rowsOf(tf.grad(linear)(logits))];
        });
        expect(p!.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 5);
        // p = [(a - 1) s - tau]_+^(1 / (a - 1))
        const highest = p!.indexOf(Math.max(...p!));
        const tau = (alpha - 1) * s[highest]! - p![highest]! ** (alpha - 1);
        const slope = p!.map((probability) => (probability > 0 ? probability ** (2 - alpha) : 0));
        const total = slope.reduce((sum, value) => sum + value, 0);
        const mean = inner(slope, slopes) / total;
        for (const [k, probability] of p!.entries()) {
          const expected = Math.max(0, (alpha - 1) * s[k]! - tau) ** (1 / (alpha - 1));
          expect(probability).toBeCloseTo(expected, 4);
          expect(gradient![k]).toBeCloseTo(slope[k]! * (slopes[k]! - mean), 3);
        }
      }),
      { numRuns: 40 },
    );
  },
);

test("I-MLE goes from the choice to one with a lower linear loss, the same noise deciding between them", () => {
  const slopes = [1, -2, 0.5, 3];
  const step = 0.7;
  const [gradients, drawn] = tf.tidy(() => {
    const logits = tf.tile(tf.tensor2d([[0.2, -0.5, 0.1, 0.4]]), [500, 1]);
    const estimator = imle({ step });
    const options = { key: key("imle") };
    const linear = (at: tf.Tensor) =>
      tf.sum(tf.mul(estimator.choose(at as tf.Tensor2D, options).weights, tf.tensor1d(slopes)), 1);
    return [
      rowsOf(tf.mul(tf.grad(linear)(logits), step)),
      rowsOf(estimator.choose(logits as tf.Tensor2D, options).weights),
    ];
  });
  let moved = 0;
  for (const [i, row] of gradients!.entries()) {
    const other = row.map((difference, k) => Math.round(drawn![i]![k]! - difference)); // the other choice
    for (const [k, difference] of row.entries()) {
      expect(difference).toBeCloseTo(drawn![i]![k]! - other[k]!, 5);
    }
    expect([...other].sort()).toEqual([0, 0, 0, 1]);
    if (other.indexOf(1) === drawn![i]!.indexOf(1)) continue;
    moved++;
    expect(inner(other, slopes)).toBeLessThan(inner(drawn![i]!, slopes));
  }
  expect(moved).toBeGreaterThan(100);
});

test("IndeCateR with two variables: unbiased against the enumeration of all pairs", () => {
  const sizes = [2, 3];
  const s = [0.4, -0.3, 0.1, 1, -0.5];
  const slopes = [1, -1, 2, 0.3, -1];
  const value = (z: number[]) => (inner(z, slopes) + 0.5) ** 3;
  const [p, q] = [softmax(s.slice(0, 2)), softmax(s.slice(2))];
  const expected = new Array(5).fill(0);
  let expectedLoss = 0;
  for (const [i, a] of p.entries()) {
    for (const [j, b] of q.entries()) {
      const z = [0, 1, 2, 3, 4].map((k) => (k === i || k === j + 2 ? 1 : 0));
      expectedLoss += a * b * value(z);
      const score = z.map((one, k) => one - [...p, ...q][k]!);
      for (const k of score.keys()) expected[k] += a * b * value(z) * score[k]!;
    }
  }
  const [values, gradients] = tf.tidy(() => {
    const cube = (z: tf.Tensor2D) =>
      tf.pow(tf.add(tf.sum(tf.mul(z, tf.tensor1d(slopes)), 1), 0.5), tf.scalar(3, "int32")) as tf.Tensor1D;
    const estimate = (at: tf.Tensor) =>
      indecater({ sizes }).expectedLoss(at as tf.Tensor2D, cube, { key: key("pairs") });
    const logits = tf.tile(tf.tensor2d([s]), [4_000, 1]);
    return [rowsOf(tf.expandDims(estimate(logits), 1)), rowsOf(tf.grad(estimate)(logits))];
  });
  const { mean, error } = meansOf(gradients!);
  for (const [i, m] of mean.entries()) expect(Math.abs(m - expected[i])).toBeLessThan(4.5 * error[i]! + 1e-6);
  const forward = meansOf(values!);
  expect(Math.abs(forward.mean[0]! - expectedLoss)).toBeLessThan(4.5 * forward.error[0]! + 1e-6);
  expect(Math.max(...error)).toBeGreaterThan(0);
  expect(() => indecater({ sizes: [2, 2] }).expectedLoss(tf.zeros([1, 5]), bent)).toThrow(
    /E_SHAPE.*add up to 4/,
  );
});

describe("marginalLoss", () => {
  test("is -log <pi, p>, with gradient pi - posterior and minus the posterior", () => {
    fc.assert(
      fc.property(rows, ({ s, g }) => {
        const pi = softmax(s);
        const joint = pi.map((p, i) => p * Math.exp(g[i]!));
        const total = joint.reduce((a, b) => a + b);
        const { value, grads } = tf.valueAndGrads((a, b) => marginalLoss(a as tf.Tensor2D, b as tf.Tensor2D))(
          [tf.tensor2d([s]), tf.tensor2d([g])],
        );
        expect(value.dataSync()[0]).toBeCloseTo(-Math.log(total), 4);
        for (const [i, p] of pi.entries()) {
          expect(grads[0]!.dataSync()[i]).toBeCloseTo(p - joint[i]! / total, 4);
          expect(grads[1]!.dataSync()[i]).toBeCloseTo(-joint[i]! / total, 4);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("in log space, and where nothing is possible", () => {
    const logits = tf.tensor2d([
      [0, 0],
      [0, 0],
      [1, 2],
      [-Infinity, -Infinity],
    ]);
    const likelihoods = tf.tensor2d([
      [-1000, -1000],
      [-Infinity, -3],
      [-Infinity, -Infinity],
      [0, 0],
    ]);
    const { value, grad } = tf.valueAndGrad((s) => marginalLoss(s as tf.Tensor2D, likelihoods))(logits);
    const [first, second, third, fourth] = value.dataSync();
    expect(first).toBeCloseTo(1000, 2);
    expect(second).toBeCloseTo(3 + Math.log(2), 5);
    expect([third, fourth]).toEqual([Infinity, 0]);
    expect(
      rowsOf(grad)
        .slice(2)
        .flat()
        .every((slope) => slope === 0),
    ).toBe(true);
    expect(rowsOf(grad)[1]).toEqual([0.5, -0.5]);
    expect(() => marginalLoss(logits, tf.zeros([2, 2]))).toThrow(/E_SHAPE.*logLikelihoods/);
  });
});

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainKernels } from "../src/eager/plain";
import { jit, registerOnnxRuntimeBackend } from "../src/index";
import { PIECE } from "../src/update/compileProgram";
import { evaluate, expectClose, plain, type Use, usesOf, withSpecials } from "./kernels/battery";
import { cases } from "./kernels/cases";

beforeAll(async () => {
  // Nothing goes to ONNX Runtime: what has a kernel in plain JavaScript runs there, whatever the size.
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels: "never" });
});
afterAll(() => tf.removeBackend("onnxruntime"));

const products = ["BatchMatMul", "_FusedMatMul"];

/** The same bits, NaN and the sign of 0 included. */
async function expectSameBits(use: Use) {
  const wanted = await evaluate("cpu", use);
  expect(await evaluate("onnxruntime", use)).toStrictEqual(wanted);
}

describe.each(Object.keys(plainKernels).filter((name) => !products.includes(name)))("%s", (name) => {
  test.each(cases[name]!.map((one, i) => [i, one] as const))("case %i: tfjs-cpu's bits", async (_i, one) => {
    await fc.assert(fc.asyncProperty(usesOf(one), expectSameBits), { numRuns: 10, seed: 4 });
  });
});

const shapePairs = [
  [[PIECE + 7], [PIECE + 7]],
  [[2 * PIECE], []],
  [[], [PIECE + 1]],
  [[70, 130], [130]],
  [
    [1, 130],
    [70, 130],
  ],
  [
    [70, 1],
    [70, 130],
  ],
  [
    [3, 1, 60],
    [2, 1],
  ],
  [[0, 4], [4]],
] as const;
const binary = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
};
const compared = {
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
};
const equal = { equal: tf.equal, notEqual: tf.notEqual, squaredDifference: tf.squaredDifference };

test.each(Object.entries({ ...binary, ...compared, ...equal }))(
  "%s of NaN, infinities and zeros, broadcast, in pieces",
  async (_name, run) => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...shapePairs)
          .chain(([a, b]) => fc.tuple(withSpecials([...a]), withSpecials([...b]))),
        (inputs) => expectSameBits({ run: (a, b) => run(a!, b!), inputs }),
      ),
      { numRuns: 24, seed: 5 },
    );
  },
);

const unary = {
  ...{
    neg: tf.neg,
    abs: tf.abs,
    square: tf.square,
    sqrt: tf.sqrt,
    rsqrt: tf.rsqrt,
    reciprocal: tf.reciprocal,
  },
  ...{
    exp: tf.exp,
    log: tf.log,
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    relu: tf.relu,
    relu6: tf.relu6,
    elu: tf.elu,
  },
  ...{ leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x, 0.3), step: (x: tf.Tensor) => tf.step(x, 0.5) },
  ...{ clip: (x: tf.Tensor) => tf.clipByValue(x, -1, 0.5), softmax: (x: tf.Tensor) => tf.softmax(x) },
  ...{ sum: (x: tf.Tensor) => tf.sum(x, 0), mean: (x: tf.Tensor) => tf.mean(x, 0) },
  ...{ max: (x: tf.Tensor) => tf.max(x, 0), min: (x: tf.Tensor) => tf.min(x) },
};

test.each(Object.entries(unary))("%s of NaN, infinities and zeros, in pieces", async (_name, run) => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom<number[]>([PIECE + 9], [40, 120], [3]).chain(withSpecials), (x) =>
      expectSameBits({ run: (x) => run(x!), inputs: [x] }),
    ),
    { numRuns: 6, seed: 6 },
  );
});

test.each([
  ["sum", tf.sum],
  ["mean", tf.mean],
  ["max", tf.max],
  ["min", tf.min],
] as const)("%s over any axes", async (_name, reduce) => {
  const use = fc.tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }).chain((shape) => plain(shape)),
    fc.subarray([0, 1, 2]),
    fc.boolean(),
  );
  await fc.assert(
    fc.asyncProperty(use, ([x, axes, keep]) =>
      expectSameBits({ run: (x) => reduce(x!, axes, keep), inputs: [x] }),
    ),
    { numRuns: 20, seed: 7 },
  );
});

const side = fc.integer({ min: 1, max: 21 });
const activation = fc.constantFrom("linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu");

test("products of small matrices and batches, transposed or not, with bias and activation", async () => {
  const use = fc
    .record({
      m: side,
      k: side,
      n: side,
      batch: fc.constantFrom([], [3], [1]),
      ta: fc.boolean(),
      tb: fc.boolean(),
    })
    .chain(({ m, k, n, batch, ta, tb }) =>
      fc
        .tuple(
          plain([...batch, ...(ta ? [k, m] : [m, k])]),
          plain(tb ? [n, k] : [k, n]),
          plain([n]),
          activation,
        )
        .map(
          ([a, b, bias, activation]): Use => ({
            inputs: [a, b, bias],
            run: (a, b, bias) => {
              const product = tf.matMul(a!, b!, ta, tb);
              if (batch.length > 0) return product;
              const options = {
                a: a!,
                b: b!,
                transposeA: ta,
                transposeB: tb,
                bias,
                activation,
                leakyreluAlpha: 0.3,
              };
              return [product, tf.fused.matMul({ ...options, preluActivationWeights: bias } as never)];
            },
            sums: true,
          }),
        ),
    );
  await fc.assert(
    fc.asyncProperty(use, async (use) => {
      expectClose(await evaluate("onnxruntime", use), await evaluate("cpu", use), use);
    }),
    { numRuns: 60, seed: 8 },
  );
});

describe("arrays that are used again", () => {
  beforeAll(() => tf.setBackend("onnxruntime"));
  const twice = (x: tf.Tensor) => tf.tidy(() => x.add(x));
  /** Takes every free array of 300 elements and writes into it. */
  const overwrite = () =>
    tf.tidy(() => Array.from({ length: 50 }, (_, i) => tf.mul(tf.ones([300]), i)).length);

  test.each<[string, (t: tf.Tensor) => () => number[]]>([
    [
      "was read",
      (t) => {
        const values = t.dataSync();
        return () => [...values];
      },
    ],
    [
      "a view shows",
      (t) => {
        const part = tf.slice(t, [0], [200]);
        return () => [...part.dataSync()];
      },
    ],
    [
      "another tensor has too",
      (t) => {
        const other = t.reshape([3, 100]);
        return () => [...other.dataSync()];
      },
    ],
  ])("an array that %s is left alone", (_what, show) => {
    const x = tf.ones([300]);
    const doubled = twice(x);
    const shown = show(doubled);
    doubled.dispose();
    overwrite();
    expect(new Set(shown())).toEqual(new Set([2]));
  });

  test("an argument that is disposed while a jitted function runs keeps its values", async () => {
    const x = tf.ones([300]);
    const slow = jit((t: tf.Tensor) => tf.matMul(t.reshape([300, 1]), t.reshape([1, 300])).sum(0));
    (await slow(x)).dispose();
    for (let i = 0; i < 5; i++) {
      const argument = twice(x);
      const result = slow(argument);
      // The arguments are read in microtasks; the session runs after these.
      for (let turn = 0; turn < 20; turn++) await undefined;
      argument.dispose();
      overwrite();
      expect((await result).dataSync()[7]).toBe(1200);
    }
    slow.dispose();
    x.dispose();
  });

  test("a variable that is updated in place keeps what a clone shows, and what a later operation computes", async () => {
    const w = tf.variable(tf.tidy(() => tf.ones([300]).add(tf.ones([300]))));
    const grow = jit(() => {
      w.assign(w.mul(2) as never);
    });
    await grow();
    const clone = w.clone();
    await grow();
    overwrite();
    expect(clone.dataSync()[0]).toBe(4);
    expect(w.dataSync()[0]).toBe(8);
    w.dispose();
    overwrite();
    expect(twice(clone).dataSync()[299]).toBe(8);
    grow.dispose();
    clone.dispose();
  });

  test("free arrays are bounded: many lengths do not pile up", () => {
    const backend = tf.backend() as unknown as { pool: { bytes: number } };
    for (let size = 1000; size < 3000; size++) tf.tidy(() => void tf.add(tf.ones([size]), 1));
    expect(backend.pool.bytes).toBeGreaterThan(0);
    expect(backend.pool.bytes).toBeLessThanOrEqual(16 << 20);
  });
});

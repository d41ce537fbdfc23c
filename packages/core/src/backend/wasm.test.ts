import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { initBackend, key, type RandomKey, TransformerEncoder, valueAndGradients } from "../index";

/** Runs `compute` on both backends and returns the numbers of its tensors. */
async function onBoth(compute: () => tf.Tensor[]): Promise<{ wasm: number[][]; cpu: number[][] }> {
  const numbers = async (backend: "wasm" | "cpu") => {
    await initBackend({ backend });
    const before = tf.memory().numTensors;
    const results = tf.tidy(compute);
    const values = results.map((tensor) => Array.from(tensor.dataSync()));
    tf.dispose(results);
    expect(tf.memory().numTensors).toBe(before);
    return values;
  };
  return { cpu: await numbers("cpu"), wasm: await numbers("wasm") };
}

const values = Array.from({ length: 24 }, (_, i) => Math.sin(1 + i * 1.7) * 1.5);
const ids = () =>
  tf.tensor2d(
    [
      [1, 0, 1],
      [2, 2, 0],
    ],
    [2, 3],
    "int32",
  );
const half = () =>
  tf.tensor3d(
    values.map((v) => v * 0.5 + 1),
    [2, 3, 4],
  );

// What a transformer's forward pass, its losses and the symbolic layers are made of; x is [2, 3, 4].
const operations: Record<string, (x: tf.Tensor3D) => tf.Tensor> = {
  add: (x) => x.add(tf.tensor1d([1, 2, 3, 4])),
  sub: (x) => tf.scalar(1).sub(x),
  mul: (x) => x.mul(half()).mul(x),
  div: (x) => x.div(half()).add(tf.scalar(2).div(half().add(x.square()))),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  square: (x) => x.square(),
  pow: (x) => x.square().add(1).pow(1.5),
  sqrt: (x) => x.square().add(1).sqrt(),
  rsqrt: (x) => x.square().add(1).rsqrt(),
  exp: (x) => x.exp(),
  log: (x) => x.square().add(1).log(),
  log1p: (x) => x.square().log1p(),
  erf: (x) => x.erf(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  softplus: (x) => x.softplus(),
  relu: (x) => x.relu(),
  maximum: (x) => tf.maximum(x, half()),
  minimum: (x) => tf.minimum(x, half()),
  squaredDifference: (x) => tf.squaredDifference(x, half()),
  clipByValue: (x) => x.clipByValue(-0.5, 0.5),
  where: (x) => tf.where(half().greater(1), x.mul(3), tf.zerosLike(x)),
  // A comparison has no gradient in TensorFlow.js, so these look at something else than x.
  comparisons: (x) => {
    const [low, high] = [half().less(0.8), half().greaterEqual(1.2)];
    return x.mul(low.logicalOr(high).logicalAnd(half().notEqual(1)).logicalNot().cast("float32"));
  },
  equal: (x) => x.mul(half().equal(half().max(-1, true)).cast("float32")),
  cast: (x) => x.mul(x.cast("int32").cast("float32")),
  softmax: (x) => x.softmax().mul(half()),
  logSoftmax: (x) => x.logSoftmax().mul(half()),
  logSumExp: (x) => x.logSumExp([1, 2]),
  sum: (x) => x.sum([0, 2]).square(),
  mean: (x) => x.mean(1, true).square(),
  max: (x) => x.max(-1).square(),
  min: (x) => x.min(1).square(),
  prod: (x) => x.prod(2),
  argMax: (x) => x.mul(tf.oneHot(x.argMax(-1).cast("int32"), 4).cast("float32")),
  cumsum: (x) => x.cumsum(2).square(), // tfjs-core 4.22 has a wrong gradient along any other axis than the last
  matMul: (x) => x.matMul(half(), false, true).add(x.matMul(half(), true, false).sum()),
  matMulBroadcast: (x) => x.reshape([6, 4]).matMul(half().reshape([4, 6])),
  matMulRank4: (x) => x.expandDims(1).matMul(half().expandDims(1), true, false),
  transpose: (x) => x.transpose([2, 0, 1]).square(),
  reshape: (x) => x.reshape([4, 6]).square(),
  expandDims: (x) => x.expandDims(1).squeeze([1]).square(),
  tile: (x) => x.tile([1, 2, 1]).square(),
  slice: (x) => x.slice([0, 1, 0], [2, 2, 3]).square(),
  pad: (x) =>
    x
      .pad(
        [
          [0, 0],
          [2, 1],
          [0, 0],
        ],
        0,
      )
      .square(),
  concat: (x) => tf.concat([x, half(), x], 1).square(),
  stack: (x) => tf.stack([x, half()], 2).square(),
  unstack: (x) => tf.unstack(x, 1)[1]!.square(),
  split: (x) => tf.split(x, 2, 2)[1]!.square(),
  gatherRows: (x) => tf.gather(x.reshape([6, 4]), ids()).square(),
  gatherTokens: (x) => tf.gather(x, ids().flatten(), 1).square(),
  gatherHidden: (x) => tf.gather(x, tf.tensor1d([3, 3, 0], "int32"), 2).square(),
  broadcastTo: (x) => x.slice([0, 0, 0], [1, 3, 4]).broadcastTo([2, 3, 4]).square(),
  norm: (x) => x.norm(),
};

describe("every operation a transformer needs, with its gradient, agrees with tfjs-cpu", () => {
  test.each(Object.entries(operations))("%s", async (_, operation) => {
    const both = await onBoth(() => {
      const x = tf.tensor3d(values, [2, 3, 4]);
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => {
        const y = operation(x as tf.Tensor3D);
        return y.mul(tf.range(0, y.size).reshape(y.shape).add(1)).sum();
      })(x);
      return [operation(x), value, grad];
    });
    both.wasm.forEach((numbers, i) => {
      expect(numbers.every(Number.isFinite)).toBe(true);
      expect(relativeError(numbers, both.cpu[i]!)).toBeLessThan(1e-5);
    });
  });
});

test("a transformer with embeddings: the loss and all gradients agree with tfjs-cpu", async () => {
  const both = await onBoth(() => {
    const [first, second] = key(3).split() as [RandomKey, RandomKey];
    const encoder = new TransformerEncoder({
      layers: 2,
      hidden: 16,
      heads: 2,
      intermediate: 32,
      activation: "gelu",
      normalization: "pre",
      shortConvolution: 5,
      equalStart: 1,
      dropout: 0.1,
      key: first,
    });
    const table = tf.variable(
      tf.tensor2d(
        Array.from({ length: 160 }, (_, i) => Math.cos(i)),
        [10, 16],
      ),
    );
    const parameters = new Map([...encoder.parameters(), ["table", table as tf.Variable]]);
    const mask = tf.tensor2d([
      [1, 1, 1, 1],
      [1, 1, 1, 0],
    ]);
    const { value, gradients } = valueAndGradients(() => {
      const x = tf.gather(
        table,
        tf.tensor2d(
          [
            [1, 2, 1, 9],
            [0, 3, 3, 0],
          ],
          [2, 4],
          "int32",
        ),
      );
      const wanted = tf.tensor3d(
        Array.from({ length: 128 }, (_, i) => Math.sin(i * i)),
        [2, 4, 16],
      );
      return encoder.apply(x, { mask, key: second }).sub(wanted).square().mean();
    }, parameters);
    const results = [value, ...parameters.keys()].map((x) => (typeof x === "string" ? gradients.get(x)! : x));
    for (const variable of parameters.values()) variable.dispose();
    return results;
  });
  // The gradient of the keys' biases is zero but for rounding, so all are measured against the largest.
  expect(relativeError(both.wasm.flat(), both.cpu.flat())).toBeLessThan(1e-5);
  expect(both.cpu.filter((numbers) => Math.max(...numbers.map(Math.abs)) > 1e-3).length).toBeGreaterThan(30);
});

test("UnsortedSegmentSum: any ids, also outside the segments, agree with tfjs-cpu", async () => {
  await initBackend({ backend: "wasm" });
  const rows = fc.array(fc.tuple(fc.integer({ min: -2, max: 6 }), fc.integer({ min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom("float32", "int32"),
      async (rows, segments, dtype) => {
        const both = await onBoth(() => {
          const x = tf.tensor2d(
            rows.map(([, value]) => [value, -2 * value]),
            [rows.length, 2],
            dtype as "int32",
          );
          return [
            tf.unsortedSegmentSum(
              x,
              tf.tensor1d(
                rows.map(([id]) => id),
                "int32",
              ),
              segments,
            ),
          ];
        });
        expect(both.wasm).toEqual(both.cpu);
      },
    ),
    { numRuns: 60 },
  );
});

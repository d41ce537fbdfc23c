import { paddingMasks, relativeError, seeds } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { normal } from "../random/normal";
import { key } from "../random/randomKey";
import { Embedding } from "./embedding";
import { orthonormalRows, uniformInitializer } from "./initializers";
import { LayerNorm } from "./layerNorm";
import { Linear } from "./linear";
import { Module } from "./module";
import { MultiHeadAttention } from "./multiHeadAttention";
import { dropout } from "./ops/dropout";
import { gelu } from "./ops/gelu";
import { layerNorm } from "./ops/layerNorm";
import { maskLogits } from "./ops/maskLogits";
import { softmaxCrossEntropy } from "./ops/softmaxCrossEntropy";
import { ShortConvolution } from "./shortConvolution";
import { TransformerEncoder } from "./transformerEncoder";

beforeAll(() => tf.setBackend("cpu"));

const data = (compute: () => tf.Tensor): Float32Array =>
  tf.tidy(() => compute().dataSync<"float32">().slice());

test("parameters are found by path, in order, each once", () => {
  class Pair extends Module {
    readonly layers = [new Linear({ inputs: 2, outputs: 2, key: key(0) }), new LayerNorm({ hidden: 2 })];
    readonly tied = this.layers[0];
    readonly table = new Embedding({ rows: 3, hidden: 2, key: key(1) });
    readonly note = { text: "not a module" };
  }
  const pair = new Pair();
  expect([...pair.parameters().keys()]).toEqual([
    "layers.0.weight",
    "layers.0.bias",
    "layers.1.weight",
    "layers.1.bias",
    "table.weight",
  ]);
  const before = tf.memory().numTensors;
  pair.dispose();
  expect(tf.memory().numTensors).toBe(before - 5);
});

test("the encoder's parameters have stable names", () => {
  const encoder = new TransformerEncoder({
    layers: 2,
    hidden: 4,
    heads: 2,
    intermediate: 6,
    shortConvolution: 5,
    key: key(0),
  });
  const names = [...encoder.parameters()].map(([name, { shape }]) => `${name} [${shape}]`);
  expect(names.filter((name) => name.startsWith("layers.1."))).toEqual([
    "layers.1.convolution.weight [5,4]",
    "layers.1.convolution.bias [4]",
    "layers.1.attentionNorm.weight [4]",
    "layers.1.attentionNorm.bias [4]",
    "layers.1.attention.query.weight [4,4]",
    "layers.1.attention.query.bias [4]",
    "layers.1.attention.key.weight [4,4]",
    "layers.1.attention.key.bias [4]",
    "layers.1.attention.value.weight [4,4]",
    "layers.1.attention.value.bias [4]",
    "layers.1.attention.output.weight [4,4]",
    "layers.1.attention.output.bias [4]",
    "layers.1.outputNorm.weight [4]",
    "layers.1.outputNorm.bias [4]",
    "layers.1.intermediate.weight [6,4]",
    "layers.1.intermediate.bias [6]",
    "layers.1.output.weight [4,6]",
    "layers.1.output.bias [4]",
  ]);
  expect(names.slice(-2)).toEqual(["norm.weight [4]", "norm.bias [4]"]);
});

test("the same key makes the same module, another key another", () => {
  const weights = (seed: number): number[] => {
    const encoder = new TransformerEncoder({
      layers: 2,
      hidden: 4,
      heads: 2,
      intermediate: 6,
      key: key(seed),
    });
    return [...encoder.parameters().values()].flatMap((variable) => [...variable.dataSync()]);
  };
  expect(weights(3)).toEqual(weights(3));
  expect(weights(3)).not.toEqual(weights(4));
});

test("Linear starts as in PyTorch: weight and bias from U(-1/sqrt(inputs), 1/sqrt(inputs))", () => {
  const { weight, bias } = new Linear({ inputs: 16, outputs: 500, key: key(0) });
  for (const values of [data(() => weight.clone()), data(() => bias!.clone())]) {
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(0.25);
    expect(largest).toBeGreaterThan(0.24);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan((4 * 0.25) / Math.sqrt(3 * values.length)); // 4 standard errors
  }
});

test("Linear is x W^T + b over the last axis", () => {
  const linear = new Linear({ inputs: 2, outputs: 3, key: key(0) });
  linear.weight.assign(
    tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  );
  linear.bias!.assign(tf.tensor1d([0.5, 0, -0.5]));
  expect([...data(() => linear.apply(tf.tensor([1, 10], [1, 1, 2])))]).toEqual([21.5, 43, 64.5]);
});

test("equal start: query and key agree, rows are orthogonal per head and 1.5 long, biases are zero", () => {
  const [hidden, heads] = [8, 2];
  const attention = new MultiHeadAttention({ hidden, heads, equalStart: 1.5, key: key(0) });
  const query = data(() => attention.query.weight.clone());
  expect([...attention.key.weight.dataSync()]).toEqual([...query]);
  expect([...attention.query.bias!.dataSync(), ...attention.key.bias!.dataSync()].every((b) => b === 0)).toBe(
    true,
  );
  const rows = Array.from({ length: hidden }, (_, i) => query.slice(i * hidden, (i + 1) * hidden));
  const size = hidden / heads;
  for (const [i, a] of rows.entries()) {
    for (const [j, b] of rows.entries()) {
      if (Math.floor(i / size) !== Math.floor(j / size)) continue;
      const product = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
      expect(product).toBeCloseTo(i === j ? 2.25 : 0, 5);
    }
  }
  expect([...attention.value.weight.dataSync()]).not.toEqual([...query]);
  expect(() => orthonormalRows(1, 1)(key(0), [3, 2])).toThrow(/E_RANGE/);
});

test("LayerNorm: each vector gets mean 0 and variance 1; shift and scale of the input change nothing", () => {
  const norm = new LayerNorm({ hidden: 8, epsilon: 1e-12 });
  const x = normal(key(1), [5, 8]);
  const y = data(() => norm.apply(x));
  for (let row = 0; row < 5; row++) {
    const values = [...y.slice(row * 8, (row + 1) * 8)];
    const mean = values.reduce((sum, value) => sum + value, 0) / 8;
    expect(mean).toBeCloseTo(0, 5);
    expect(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8).toBeCloseTo(1, 4);
  }
  expect(
    relativeError(
      data(() => norm.apply(x.mul(3).add(2))),
      y,
    ),
  ).toBeLessThan(1e-5);
});

test("layerNorm agrees with its definition, epsilon inside the root", () => {
  // [1, 2, 3, 6]: mean 3, biased variance 3.5; (x - 3) / sqrt(3.5 + 0.5) * [1, 2, 3, 4] + 10
  const y = data(() =>
    layerNorm(tf.tensor1d([1, 2, 3, 6]), tf.tensor1d([1, 2, 3, 4]), tf.fill([4], 10), 0.5),
  );
  expect(relativeError(y, [9, 9, 10, 16])).toBeLessThan(1e-6);
});

test("gelu is the exact one", () => {
  // x * Phi(x), Phi from tables of the normal distribution: Phi(1) = 0.8413447460685429, Phi(2) = 0.9772498680518208
  const x = [-20, -2, -1, 0, 1, 2, 20];
  const expected = [
    0, -0.0455002638963584, -0.1586552539314571, 0, 0.8413447460685429, 1.9544997361036416, 20,
  ];
  for (const [i, y] of data(() => gelu(tf.tensor1d(x))).entries()) expect(y).toBeCloseTo(expected[i]!, 6);
});

test("softmaxCrossEntropy: shifted logits change nothing; uniform logits cost log(classes)", () => {
  const labels = tf.tensor1d([2, 0], "int32");
  expect(data(() => softmaxCrossEntropy(tf.zeros([2, 4]), labels))[0]).toBeCloseTo(Math.log(4), 6);
  fc.assert(
    fc.property(seeds(), fc.double({ min: -30, max: 30, noNaN: true }), (seed, shift) => {
      const loss = (by: number) => data(() => softmaxCrossEntropy(normal(key(seed), [2, 4]).add(by), labels));
      expect(relativeError(loss(shift), loss(0))).toBeLessThan(1e-4);
    }),
    { numRuns: 20 },
  );
});

test("a wholly masked row gets equal shares, not NaN; a masked place exactly zero", () => {
  const mask = tf.tensor2d([
    [0, 0, 0],
    [1, 0, 1],
  ]);
  const probs = data(() =>
    tf.softmax(
      maskLogits(
        tf.tensor2d([
          [5, 1, -3],
          [1, 40, 1],
        ]),
        mask,
      ),
    ),
  );
  expect(relativeError(probs, [1 / 3, 1 / 3, 1 / 3, 0.5, 0, 0.5])).toBeLessThan(1e-6);
  expect(probs[4]).toBe(0);
});

test("dropout: the key decides, the mean stays, without a key nothing happens", () => {
  const x = tf.ones([100, 100]);
  const dropped = data(() => dropout(x, 0.25, key(1)));
  expect(new Set(dropped)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  const mean = dropped.reduce((sum, value) => sum + value, 0) / dropped.length;
  expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(0.25 / 0.75 / 1e4)); // 4 standard errors
  expect(data(() => dropout(x, 0.25, key(1)))).toEqual(dropped);
  expect(data(() => dropout(x, 0.25, key(2)))).not.toEqual(dropped);
  expect(data(() => dropout(x, 0.25, undefined)).every((value) => value === 1)).toBe(true);
  expect(() => dropout(x, 1, key(1))).toThrow(/E_RANGE/);
});

test("ShortConvolution is x plus the weighted neighbors", () => {
  const convolution = new ShortConvolution({ hidden: 1, width: 3, key: key(0) });
  convolution.weight.assign(tf.tensor2d([[10], [100], [1000]]));
  convolution.bias!.assign(tf.tensor1d([0.5]));
  const x = tf.tensor3d([1, 2, 3, 7], [1, 4, 1]);
  const all = [1 + 100 + 2000, 2 + 10 + 200 + 3000, 3 + 20 + 300 + 7000, 7 + 30 + 700].map((y) => y + 0.5);
  expect([...data(() => convolution.apply(x))]).toEqual(all);
  // The last token is padding: it counts as zero and becomes zero.
  const masked = [1 + 100 + 2000, 2 + 10 + 200 + 3000, 3 + 20 + 300].map((y) => y + 0.5);
  expect([...data(() => convolution.apply(x, tf.tensor2d([[1, 1, 1, 0]])))]).toEqual([...masked, 0]);
  expect(() => new ShortConvolution({ hidden: 1, width: 4, key: key(0) })).toThrow(/E_RANGE.*odd/);
});

test("attention over equal tokens is their value, whatever the scores", () => {
  const attention = new MultiHeadAttention({ hidden: 4, heads: 2, key: key(0) });
  const token = normal(key(1), [1, 1, 4]);
  const one = data(() => attention.apply(token));
  const three = data(() => attention.apply(token.tile([1, 3, 1])));
  expect(relativeError(three, [...one, ...one, ...one])).toBeLessThan(1e-6);
});

test.each([
  ["pre", undefined],
  ["pre", 5],
  ["post", undefined],
  ["post", 3],
] as const)(
  "padding never influences real tokens: %s-normalization, convolution of width %s",
  (normalization, width) => {
    const [batch, tokens, hidden] = [2, 5, 4];
    const encoder = new TransformerEncoder({
      layers: 2,
      hidden,
      heads: 2,
      intermediate: 6,
      normalization,
      equalStart: 1.5,
      key: key(0),
      ...(width === undefined ? {} : { shortConvolution: width }),
    });
    fc.assert(
      fc.property(paddingMasks(batch, tokens), seeds(), (rows, seed) => {
        const clean = normal(key(seed), [batch, tokens, hidden]);
        const padded = (noise: number) =>
          data(() => {
            const mask = tf.tensor2d(rows);
            const real = mask.expandDims(2).tile([1, 1, hidden]).cast("bool");
            const x = tf.where(real, clean, normal(key(noise), clean.shape).mul(50));
            return tf.where(real, encoder.apply(x, { mask }), tf.zerosLike(x));
          });
        const first = padded(seed + 1);
        expect(padded(seed + 2)).toEqual(first);
        for (const [i, row] of rows.entries()) {
          const length = row.indexOf(0) === -1 ? tokens : row.indexOf(0);
          const alone = data(() => encoder.apply(clean.slice([i, 0, 0], [1, length, hidden])));
          const start = i * tokens * hidden;
          expect(relativeError(first.slice(start, start + length * hidden), alone)).toBeLessThan(1e-5);
        }
        clean.dispose();
      }),
      { numRuns: 15 },
    );
  },
);

test("attention with dropout is the same attention: at a rate too small to drop anything they agree", () => {
  const options = { hidden: 4, heads: 2, key: key(0) };
  const x = normal(key(1), [2, 3, 4]);
  const mask = tf.tensor2d([
    [1, 0, 1],
    [1, 1, 0],
  ]);
  const plain = data(() => new MultiHeadAttention(options).apply(x, { mask }));
  const dropped = new MultiHeadAttention({ ...options, dropout: 1e-12 });
  expect(
    relativeError(
      data(() => dropped.apply(x, { mask, key: key(2) })),
      plain,
    ),
  ).toBeLessThan(1e-6);
});

test("a wholly masked row stays finite", () => {
  const encoder = new TransformerEncoder({ layers: 1, hidden: 4, heads: 2, intermediate: 6, key: key(0) });
  const y = data(() => encoder.apply(normal(key(1), [1, 3, 4]), { mask: tf.zeros([1, 3]) }));
  expect(y.every(Number.isFinite)).toBe(true);
});

test("the encoder sees tokens as a set: without convolution, permuted tokens give permuted results", () => {
  const encoder = new TransformerEncoder({ layers: 2, hidden: 4, heads: 2, intermediate: 6, key: key(0) });
  const x = normal(key(1), [1, 4, 4]);
  const order = tf.tensor1d([2, 0, 3, 1], "int32");
  const expected = data(() => tf.gather(encoder.apply(x), order, 1));
  expect(
    relativeError(
      data(() => encoder.apply(tf.gather(x, order, 1))),
      expected,
    ),
  ).toBeLessThan(1e-5);
});

test("dropout in the encoder needs a key, and the key decides", () => {
  const encoder = new TransformerEncoder({
    layers: 2,
    hidden: 4,
    heads: 2,
    intermediate: 6,
    dropout: 0.5,
    key: key(0),
  });
  const x = normal(key(1), [1, 3, 4]);
  const evaluated = data(() => encoder.apply(x));
  expect(data(() => encoder.apply(x))).toEqual(evaluated);
  const first = data(() => encoder.apply(x, { key: key(1) }));
  expect(data(() => encoder.apply(x, { key: key(1) }))).toEqual(first);
  expect(data(() => encoder.apply(x, { key: key(2) }))).not.toEqual(first);
  expect(first).not.toEqual(evaluated);
});

test("mistakes have names", () => {
  const linear = new Linear({ inputs: 3, outputs: 2, key: key(0) });
  expect(() => linear.apply(tf.zeros([4, 5]))).toThrow(
    /E_SHAPE Linear: `x`.*\[\.\.\., 3\], got \[4, 5\] \(rank 2\)/,
  );
  const table = new Embedding({ rows: 3, hidden: 2, key: key(0) });
  expect(() => table.apply(tf.zeros([2]))).toThrow(/E_DTYPE.*float32/);
  const encoder = new TransformerEncoder({ layers: 1, hidden: 4, heads: 2, intermediate: 6, key: key(0) });
  expect(() => encoder.apply(tf.zeros([2, 4]))).toThrow(/E_SHAPE.*\[batch, tokens, 4\]/);
  expect(() => encoder.apply(tf.zeros([2, 3, 4]), { mask: tf.ones([2, 4]) })).toThrow(
    /E_SHAPE.*mask.*\[2, 3\]/,
  );
  expect(() => new MultiHeadAttention({ hidden: 4, heads: 3, key: key(0) })).toThrow(/E_RANGE/);
  expect(
    () => new TransformerEncoder({ layers: 0, hidden: 4, heads: 2, intermediate: 6, key: key(0) }),
  ).toThrow(/E_RANGE/);
  expect(uniformInitializer(1)(key(0), [2, 3]).length).toBe(6);
});

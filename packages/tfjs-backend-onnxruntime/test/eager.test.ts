import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { savedMicroseconds } from "../src/eager/savedMicroseconds";
import { registerOnnxRuntimeBackend } from "../src/index";

beforeAll(async () => {
  await registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend("onnxruntime");
});
afterAll(() => tf.removeBackend("onnxruntime"));

test("a kernel that pays is handed over after some calls, with the same results", () => {
  const a = tf.linspace(-1, 1, 128 * 128).reshape([128, 128]);
  const results = Array.from({ length: 30 }, () => tf.matMul(a, a).dataSync());
  for (const result of results) {
    result.forEach((value, i) => {
      expect(Math.abs(value - results[0]![i]!)).toBeLessThan(1e-3);
    });
  }
});

test("work grows with the size, and kernels of metadata never leave JavaScript", () => {
  const small = tf.zeros([8, 8]);
  const large = tf.zeros([256, 256]);
  for (const name of ["Exp", "Softmax", "Sum"])
    expect(savedMicroseconds(name, { x: large }, {})).toBeGreaterThan(
      savedMicroseconds(name, { x: small }, {}),
    );
  expect(savedMicroseconds("Reshape", { x: large }, {})).toBe(0);
  expect(savedMicroseconds("BatchMatMul", { a: large, b: large }, {})).toBeCloseTo(0.05 * 256 ** 3 * 1e-3, 0);
});

test("a small convolution net trains: model.fit lowers the loss and leaves no tensor behind", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        padding: "same",
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "categoricalCrossentropy" });
  // Class 1 is bright in its left half, class 0 in its right one.
  const x = tf.tidy(() =>
    tf.stack(
      Array.from({ length: 32 }, (_, i) =>
        tf.tensor(
          Array.from({ length: 64 }, (_, p) => (p % 8 < 4 === (i % 2 === 1) ? 1 : 0) + ((i * p) % 7) / 20),
          [8, 8, 1],
        ),
      ),
    ),
  );
  const y = tf.tidy(() =>
    tf
      .oneHot(
        tf.tensor1d(
          Array.from({ length: 32 }, (_, i) => i % 2),
          "int32",
        ),
        2,
      )
      .toFloat(),
  );
  await model.fit(x, y, { epochs: 1, batchSize: 16, shuffle: false, verbose: 0 });
  const before = tf.memory().numTensors;
  const { history } = await model.fit(x, y, { epochs: 12, batchSize: 16, shuffle: false, verbose: 0 });
  expect(tf.memory().numTensors).toBe(before);
  expect(history.loss!.at(-1) as number).toBeLessThan(0.5 * (history.loss![0] as number));
  model.dispose();
  tf.dispose([x, y]);
});

test.each(["lstm", "gru"] as const)("%s layers train", async (kind) => {
  const model = tf.sequential({
    layers: [
      tf.layers[kind]({ inputShape: [5, 2], units: 6 }) as tf.layers.Layer,
      tf.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.03), loss: "meanSquaredError" });
  const x = tf.linspace(-1, 1, 160).reshape([16, 5, 2]);
  const y = tf.tidy(() => tf.mean(x, [1, 2]).reshape([16, 1]));
  const { history } = await model.fit(x, y, { epochs: 15, shuffle: false, verbose: 0 });
  expect(history.loss!.at(-1) as number).toBeLessThan(0.5 * (history.loss![0] as number));
  model.dispose();
  tf.dispose([x, y]);
});

test("cumsum and cumprod take a negative axis, which tfjs-cpu mistakes", () => {
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expect([...tf.cumsum(x, -1).dataSync()]).toEqual([1, 3, 3, 7]);
  expect([...tf.cumprod(x, -1).dataSync()]).toEqual([1, 2, 3, 12]);
});

test("NaN is not lost in large reductions", () => {
  const x = tf.tensor2d(new Float32Array(1 << 18).fill(1).fill(Number.NaN, 5, 6), [512, 512]);
  for (let i = 0; i < 12; i++) {
    expect(tf.max(x).dataSync()[0]).toBeNaN();
    expect(tf.min(x, 1).dataSync()[0]).toBeNaN();
    expect(tf.sum(x).dataSync()[0]).toBeNaN();
  }
});

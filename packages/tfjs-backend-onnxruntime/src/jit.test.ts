import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { jit, registerOnnxRuntimeBackend } from "./index";

beforeAll(async () => {
  await registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend("onnxruntime");
});

test("a function runs as one graph", async () => {
  const f = jit((a: tf.Tensor, b: tf.Tensor) =>
    tf
      .matMul(a as tf.Tensor2D, b as tf.Tensor2D)
      .add(1)
      .relu(),
  );
  const r = await f(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
    tf.tensor2d([
      [1, 0],
      [0, -5],
    ]),
  );
  expect(await r.array()).toEqual([
    [2, 0],
    [4, 0],
  ]);
  expect(f.stats.traces).toBe(1);
});

test("gradients and variables", async () => {
  const w = tf.variable(tf.tensor1d([1, 2, 3]));
  const step = jit((x: tf.Tensor, rate: tf.Tensor) => {
    const { value, grads } = tf.variableGrads(() => w.mul(x).square().sum() as tf.Scalar, [w]);
    w.assign(w.sub(grads[w.name]!.mul(rate)) as tf.Tensor1D);
    return value;
  });
  const before = tf.memory().numTensors;
  const x = tf.tensor1d([1, 1, 2]);
  const rate = tf.scalar(0.1);
  const l1 = await step(x, rate);
  expect(await l1.array()).toBeCloseTo(1 + 4 + 36);
  expect(Array.from(await w.data()).map((v) => +v.toFixed(4))).toEqual([0.8, 1.6, 0.6]);
  const l2 = await step(x, rate);
  expect(await l2.array()).toBeCloseTo(0.64 + 2.56 + 1.44);
  tf.dispose([l1, l2, x, rate]);
  expect(tf.memory().numTensors).toBe(before);
});

import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jit, registerOnnxRuntimeBackend } from "../src/index";

describe.each(["auto", "always"] as const)("single kernels: %s", (singleKernels) => {
  beforeAll(async () => {
    await registerOnnxRuntimeBackend({ threads: 1, singleKernels });
    await tf.setBackend("onnxruntime");
  });
  afterAll(() => tf.removeBackend("onnxruntime"));

  test("shapes that disagree: the error names the kernel, its arguments and their shapes", () => {
    expect(() => tf.add(tf.zeros([2, 3]), tf.zeros([4]))).toThrow(
      /Add.*`a` float32\[2,3\], `b` float32\[4\]/s,
    );
  });

  test("a disposed tensor is named", () => {
    const [a, b] = [tf.ones([3]), tf.ones([3])];
    b.dispose();
    expect(() => tf.add(a, b)).toThrow(/E_DISPOSED Add: the argument `b`, float32\[3\], is disposed/);
  });

  test("NaN passes through", () => {
    expect([...tf.relu(tf.tensor([Number.NaN, -1, 2])).dataSync()]).toEqual([Number.NaN, 0, 2]);
    expect([...tf.sum(tf.tensor([Number.NaN, 1])).dataSync()]).toEqual([Number.NaN]);
  });

  test("int32 where float32 is needed is converted, as by tfjs", () => {
    const result = tf.exp(tf.tensor([0, 1], undefined, "int32"));
    expect(result.dtype).toBe("float32");
    expect(result.dataSync()[1]).toBeCloseTo(Math.E, 5);
  });

  test("tensors without elements", () => {
    expect(tf.add(tf.zeros([0, 3]), tf.ones([3])).shape).toEqual([0, 3]);
    expect([...tf.sum(tf.zeros([0, 3]), 0).dataSync()]).toEqual([0, 0, 0]);
    expect(tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).arraySync()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("no memory: the error names the kernel and what it was given", () => {
    const a = tf.ones([300_000, 1]);
    expect(() => tf.matMul(a, a, false, true)).toThrow(/E_MEMORY BatchMatMul.*`a` float32\[300000,1\]/s);
  });
});

test("jit: shapes that disagree are named too", async () => {
  await registerOnnxRuntimeBackend({ threads: 1 });
  await tf.setBackend("onnxruntime");
  const add = jit((a: tf.Tensor, b: tf.Tensor) => tf.add(a, b));
  await expect(add(tf.zeros([2, 3]), tf.zeros([4]))).rejects.toThrow(
    /Add.*`a` float32\[2,3\], `b` float32\[4\]/s,
  );
  add.dispose();
  tf.removeBackend("onnxruntime");
});

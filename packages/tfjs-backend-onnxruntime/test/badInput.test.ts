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

const ones = (shape: number[], dtype: tf.DataType = "float32") => tf.ones(shape, dtype);
const rank7 = () => tf.randomNormal([1, 2, 1, 2, 1, 2, 2], 0, 1, "float32", 3);
const indices = (...values: number[]) => tf.tensor1d(values, "int32");

/** Mistakes that a kernel is given as they are, and what the error must say. */
const mistakes: [string, () => tf.Tensor[], (...args: tf.Tensor[]) => unknown, RegExp][] = [
  [
    "a sum",
    () => [ones([2, 3]), ones([4])],
    (a, b) => tf.add(a!, b!),
    /Add.*`a` float32\[2,3\], `b` float32\[4\]/s,
  ],
  [
    "a product",
    () => [ones([2, 3]), ones([4, 2])],
    (a, b) => tf.matMul(a!, b!),
    /matMul: inner shapes \(3\) and \(4\) of Tensors with shapes 2,3 and 4,2/,
  ],
  [
    "a batch of products",
    () => [ones([2, 2, 3]), ones([3, 3, 2])],
    (a, b) => tf.matMul(a!, b!),
    /BatchMatMul.*`a` float32\[2,2,3\], `b` float32\[3,3,2\]/s,
  ],
  [
    "a concatenation",
    () => [ones([2, 3]), ones([3, 4])],
    (a, b) => tf.concat([a!, b!]),
    /concat2D: Shape of tensors\[1\] \(3,4\) does not match .*\(2,3\) .*axis 1/,
  ],
  [
    "a stack",
    () => [ones([2, 3]), ones([2, 4])],
    (a, b) => tf.stack([a!, b!]),
    /stack must have matching shapes.* 2,3 and 2,4/,
  ],
  [
    "a slice that ends outside",
    () => [ones([2, 3])],
    (a) => tf.slice(a!, [1, 0], [3, 3]),
    /slice2D: begin\[0\] \+ size\[0\] \(4\) would overflow input.shape\[0\] \(2\)/,
  ],
  [
    "a split that does not come out even",
    () => [ones([5, 3])],
    (a) => tf.split(a!, 2),
    /E_KERNEL SplitV: .*evenly divide.*`x` float32\[5,3\]/,
  ],
  [
    "an index outside",
    () => [ones([2, 3]), indices(5)],
    (a, b) => tf.gather(a!, b!),
    /GatherV2: the index value 5 is not in \[0, 1\]|GatherV2: an index is 5; it must be within \[-2,1\].*`indices` int32\[1\]|tf\.gather of f, an index is 5; it must be within \[-2,1\]/,
  ],
  [
    "a window larger than the image",
    () => [ones([1, 2, 2, 3]), ones([5, 5, 3, 1])],
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "valid"),
    /Conv2D: .*float32\[1,2,2,3\].*float32\[5,5,3,1\]/s,
  ],
  [
    "int32 where a convolution needs float32",
    () => [ones([1, 4, 4, 3], "int32"), ones([2, 2, 3, 1])],
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
    /'x' passed to 'conv2d' must be float32 tensor, but got int32/,
  ],
];

/** What is unusual but right: the results are tfjs-cpu's. */
const unusual: [string, () => tf.Tensor[], (...args: tf.Tensor[]) => tf.Tensor][] = [
  ["a sum of rows of nothing", () => [ones([0, 3])], (x) => tf.sum(x!, 0)],
  ["a mean of nothing", () => [ones([0, 3])], (x) => tf.mean(x!)],
  ["a maximum of nothing", () => [ones([0, 3])], (x) => tf.max(x!, 0)],
  ["a minimum of nothing", () => [ones([0, 3])], (x) => tf.min(x!)],
  ["where nothing is largest", () => [ones([0, 3])], (x) => tf.argMax(x!, 0)],
  ["the largest of no rows", () => [ones([0, 3])], (x) => tf.topk(x!, 2).values],
  ["softmax of no rows", () => [ones([0, 3])], (x) => tf.softmax(x!)],
  ["a product over an axis of 0", () => [ones([2, 0]), ones([0, 2])], (a, b) => tf.matMul(a!, b!)],
  ["a product of no rows", () => [ones([0, 3]), ones([3, 2])], (a, b) => tf.matMul(a!, b!)],
  ["a concatenation with nothing", () => [ones([0, 3]), ones([2, 3])], (a, b) => tf.concat([a!, b!])],
  ["a concatenation of nothing", () => [ones([0, 3]), ones([0, 3])], (a, b) => tf.concat([a!, b!])],
  ["a gather of no rows", () => [ones([4, 3]), indices()], (x, i) => tf.gather(x!, i!)],
  ["nothing, padded", () => [ones([0, 3])], (x) => tf.pad(x!, [[1, 1], [0, 0]])], // biome-ignore format: one case a line
  ["nothing, transposed", () => [ones([0, 3])], (x) => tf.transpose(x!)],
  ["nothing, repeated", () => [ones([0, 3])], (x) => tf.tile(x!, [2, 1])],
  ["nothing, summed up", () => [ones([0, 3])], (x) => tf.cumsum(x!)],
  ["the gradient of nothing", () => [ones([0, 3])], (x) => tf.grad((t) => tf.sum(tf.square(t)))(x!)],
  ["one-hot of nothing", () => [indices()], (i) => tf.oneHot(i!, 3)],
  ["convolution of no images", () => [ones([0, 4, 4, 3]), ones([2, 2, 3, 1])], (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same")], // biome-ignore format: one case a line
  ["rank 7: sums", () => [rank7()], (x) => tf.sum(x!, [1, 3])],
  ["rank 7: maxima", () => [rank7()], (x) => tf.max(x!, [1, 5])],
  ["rank 7: broadcasting", () => [rank7(), ones([1, 2, 1])], (x, y) => tf.mul(x!, y!)],
  ["rank 7: transposed", () => [rank7()], (x) => tf.transpose(x!)],
  ["rank 7: joined", () => [rank7()], (x) => tf.concat([x!, x!], 3)],
  ["rank 7: joined and taken apart", () => [rank7()], (x) => tf.unstack(tf.concat([x!, x!], 1), 1)[3]!],
  ["rank 7: sliced", () => [rank7()], (x) => tf.slice(x!, [0, 1, 0, 0, 0, 0, 0], [1, 1, 1, 2, 1, 1, 2])],
  ["rank 7: gathered", () => [rank7(), indices(1, 0, 1)], (x, i) => tf.gather(x!, i!, 5)],
  ["rank 7: multiplied", () => [rank7()], (x) => tf.matMul(x!, x!)],
  ["float32 and int32, joined", () => [tf.tensor([1.5, 2]), indices(3)], (a, b) => tf.concat([a!, b!])],
  ["int32 times int32", () => [tf.tensor([1, 2, 3, 4], [2, 2], "int32")], (x) => tf.matMul(x!, x!)],
];

describe.each(["auto", "always", "jit"] as const)("by hand, %s", (how) => {
  beforeAll(async () => {
    await registerOnnxRuntimeBackend({ threads: 1, singleKernels: how === "jit" ? "auto" : how });
    await tf.setBackend("onnxruntime");
  });
  afterAll(() => tf.removeBackend("onnxruntime"));
  async function call<T>(run: (...args: tf.Tensor[]) => T, inputs: tf.Tensor[]): Promise<T> {
    const f = how === "jit" ? jit((...args: tf.Tensor[]) => run(...args), { name: "f" }) : run;
    return (await f(...inputs)) as T;
  }

  test.each(mistakes)("%s: the error says what was given", async (_what, make, run, message) => {
    await expect((async () => call(run, make()))()).rejects.toThrow(message);
  });

  test.each(unusual)("%s", async (_what, make, run) => {
    await tf.setBackend("cpu");
    const wanted = run(...make());
    const values = [...wanted.dataSync()];
    await tf.setBackend("onnxruntime");
    const result = await call(run, make());
    expect([result.dtype, result.shape]).toEqual([wanted.dtype, wanted.shape]);
    [...result.dataSync()].forEach((value, i) => {
      if (Number.isFinite(values[i])) expect(value).toBeCloseTo(values[i]!, 4);
      else expect(value).toBe(values[i]);
    });
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

import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { exportOnnx, exportOnnxModels, hostTensor, registerOnnxRuntimeBackend } from "../index";
import { describeExpression, evaluateExpression, fitExpression } from "./axisExpression";

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), "export-"));
  await registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend("onnxruntime");
});
afterAll(() => fs.rm(folder, { recursive: true }));
afterEach(async () => {
  for (const name of await fs.readdir(folder)) await fs.rm(join(folder, name), { recursive: true });
});

const at = (name: string) => join(folder, name);
/** Runs a file in a plain session. */
async function run(file: string, feeds: Record<string, Tensor>): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(file);
  const results = await session.run(feeds);
  const numbers = Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]);
  await session.release();
  return Object.fromEntries(numbers);
}
const float = (data: number[], shape: number[]) => new Tensor("float32", Float32Array.from(data), shape);

test("an expression is found from its values at low and high lengths, and only if it is one", () => {
  const axes = [
    { name: "a", low: 11, high: 13 },
    { name: "b", low: 17, high: 19 },
  ];
  const gridOf = (f: (a: number, b: number) => number) =>
    [0, 1, 2, 3].map((set) => f(set & 1 ? 13 : 11, set & 2 ? 19 : 17));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 }), (wanted) => {
      const f = (a: number, b: number) => evaluateExpression(wanted, [a, b]);
      const found = fitExpression(gridOf(f), axes)!;
      expect(found.map((x) => x + 0)).toEqual(wanted.map((x) => x + 0));
      expect(evaluateExpression(found, [5, 7])).toBe(f(5, 7));
    }),
  );
  expect(
    fitExpression(
      gridOf((a) => a / 4),
      axes,
    ),
  ).toBeUndefined();
  expect(describeExpression([0, 0, 0, 8], axes)).toBe("8*a*b");
  expect(describeExpression([-2, 1, 0, 0], axes)).toBe("a+-2");
  expect(describeExpression([7, 0, 0, 0], axes)).toBe(7);
});

test("a tf.layers model: any batch, weights and metadata inside, no tensor left behind", async () => {
  const model = tf.sequential({
    name: "small",
    layers: [
      tf.layers.dense({ units: 5, activation: "tanh", inputShape: [3] }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  const before = tf.memory().numTensors;
  const exported = await exportOnnx(model, at("model.onnx"), { metadata: { license: "Apache-2.0" } });
  expect(tf.memory().numTensors).toBe(before);
  const [input, output] = [model.inputNames[0]!, model.outputNames[0]!];
  expect(exported).toMatchObject({
    inputs: [{ name: input, dtype: "float32", shape: ["batch", 3] }],
    outputs: [{ name: output, dtype: "float32", shape: ["batch", 2] }],
    fixedAxes: [],
    domains: [],
    checks: [1, 2, 3, 130].map((batch) => ({ lengths: { batch } })),
  });
  expect(await fs.readdir(folder)).toEqual(["model.onnx"]);
  expect((await fs.stat(at("model.onnx"))).size).toBe(exported.bytes);
  const x = [0.1, -2, 3, 4, 5, -6];
  const wanted = (model.predict(tf.tensor2d(x, [2, 3])) as tf.Tensor).dataSync();
  const got = await run(at("model.onnx"), { [input]: float(x, [2, 3]) });
  for (const [i, number] of got[output]!.entries()) expect(number).toBeCloseTo(wanted[i]!, 6);
  const text = (await fs.readFile(at("model.onnx"))).toString("latin1");
  for (const word of ["small", "license", "Apache-2.0", model.weights[0]!.name]) expect(text).toContain(word);
});

test("lengths in reshapes, fills, positions and slices are computed; int64 ids, two results", async () => {
  const table = tf.variable(tf.randomNormal([7, 4], 0, 1, "float32", 1), true, "table");
  const positions = tf.variable(tf.randomNormal([200, 4], 0, 1, "float32", 2), true, "positions");
  const weight = tf.variable(tf.randomNormal([4, 4], 0, 1, "float32", 3), true, "weight");
  const model = ({ ids, mask }: { ids: tf.Tensor2D; mask: tf.Tensor2D }) => {
    const [batch, length] = ids.shape;
    const count = tf
      .range(0, length)
      .add(tf.ones([batch, length]))
      .expandDims(2); // a position and a fill
    const x = tf
      .gather(table, ids)
      .add(tf.slice(positions, [0, 0], [length, 4]))
      .add(count);
    const flat = tf.matMul(tf.reshape(x, [batch * length, 4]), weight);
    const y = tf.reshape(flat, [batch, length, 2, 2]).transpose([0, 2, 1, 3]);
    const first = tf.concat([tf.zeros([batch, 1, 4]), tf.slice(x, [0, 0, 0], [batch, length - 1, 4])], 1);
    return { heads: y, rest: [first.mul(mask.expandDims(2)), tf.scalar(length).mul(tf.sum(mask, 1))] };
  };
  const exported = await exportOnnx(model, at("ids.onnx"), {
    inputs: {
      ids: { shape: ["batch", "sequence"], dtype: "int64", below: 7 },
      mask: { shape: ["batch", "sequence"] },
    },
    axes: { sequence: { max: 200 } },
  });
  expect(exported.inputs).toEqual([
    { name: "ids", dtype: "int64", shape: ["batch", "sequence"] },
    { name: "mask", dtype: "float32", shape: ["batch", "sequence"] },
  ]);
  expect(exported.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["heads", ["batch", 2, "sequence", 2]],
    ["rest_0", ["batch", "sequence", 4]],
    ["rest_1", ["batch"]],
  ]);
  expect(exported.checks.map(({ lengths }) => lengths)).toContainEqual({ batch: 2, sequence: 130 });
  const ids = new Tensor("int64", BigInt64Array.from([3n, 6n, 0n]), [1, 3]);
  const got = await run(at("ids.onnx"), { ids, mask: float([1, 1, 0], [1, 3]) });
  expect(got.rest_1).toEqual([6]);
  expect(got.rest_0!.slice(0, 4)).toEqual([0, 0, 0, 0]);
});

test("an axis that cannot be dynamic is fixed at its size, with the reason; without a size it is refused", async () => {
  const unrolled = ({ x }: { x: tf.Tensor2D }) => tf.addN(tf.unstack(x, 1));
  const inputs = { x: { shape: ["batch", "steps"] } };
  await expect(exportOnnx(unrolled, at("x.onnx"), { inputs })).rejects.toThrow(
    /E_EXPORT .*axis "steps" cannot be of any length: .*\n.*Do: fix it: .*steps/,
  );
  expect(await fs.readdir(folder)).toEqual([]);
  const exported = await exportOnnx(unrolled, at("x.onnx"), { inputs, axes: { steps: { size: 3 } } });
  expect(exported.inputs[0]!.shape).toEqual(["batch", 3]);
  expect(exported.fixedAxes).toMatchObject([{ axis: "steps", size: 3 }]);
  expect((await run(at("x.onnx"), { x: float([1, 2, 3, 4, 5, 6], [2, 3]) })).output).toEqual([6, 15]);
});

test("a function that branches on a length in JavaScript is caught by the check, and leaves no file", async () => {
  const sly = ({ x }: { x: tf.Tensor1D }) => (x.shape[0]! > 60 ? x.mul(2) : x);
  await expect(exportOnnx(sly, at("x.onnx"), { inputs: { x: { shape: ["n"] } } })).rejects.toThrow(
    /output "output" must have the eager numbers within 0.0001, got a difference of .*\n.*Where: n 130/,
  );
  expect(await fs.readdir(folder)).toEqual([]);
  const bounded = { inputs: { x: { shape: ["n"] } }, axes: { n: { max: 60 } } };
  expect((await exportOnnx(sly, at("x.onnx"), bounded)).checks.at(-1)!.lengths).toEqual({ n: 60 });
});

test("large weights go to a second file", async () => {
  const weight = tf.variable(tf.randomNormal([64, 64], 0, 1, "float32", 5), true, "large");
  const small = tf.variable(tf.ones([64]), true, "tiny");
  const apply = ({ x }: { x: tf.Tensor2D }) => tf.add(tf.matMul(x, weight), small);
  const inputs = { x: { shape: ["batch", 64] } };
  const whole = await exportOnnx(apply, at("whole.onnx"), { inputs });
  const split = await exportOnnx(apply, at("split.onnx"), { inputs, externalDataAbove: 1000 });
  expect(whole.dataFile).toBeUndefined();
  expect(split.dataFile).toBe(at("split.onnx.data"));
  expect((await fs.stat(at("split.onnx"))).size).toBeLessThan(2000);
  expect((await fs.stat(at("split.onnx.data"))).size).toBe(4 * 64 * 64);
  const x = float(
    Array.from({ length: 64 }, (_, i) => i),
    [1, 64],
  );
  expect(await run(at("split.onnx"), { x })).toEqual(await run(at("whole.onnx"), { x }));
});

test("models that share weights: one file of weights, each weight in it once", async () => {
  const shared = tf.variable(tf.randomNormal([64, 64], 0, 1, "float32", 6), true, "shared");
  const own = tf.variable(tf.randomNormal([64, 32], 0, 1, "float32", 7), true, "own");
  const inputs = { x: { shape: ["batch", 64] } };
  const first = ({ x }: { x: tf.Tensor2D }) => tf.matMul(x, shared);
  const second = ({ x }: { x: tf.Tensor2D }) => tf.matMul(tf.matMul(x, shared), own);
  const models = { "first.onnx": { what: first, inputs }, "second.onnx": { what: second, inputs } };
  const exported = await exportOnnxModels(folder, models);
  expect((await fs.readdir(folder)).sort()).toEqual(["first.onnx", "second.onnx", "weights.data"]);
  expect(exported).toMatchObject({ dataFile: at("weights.data"), dataBytes: 4 * (64 * 64 + 64 * 32) });
  expect((await fs.stat(at("weights.data"))).size).toBe(exported.dataBytes);
  const x = tf.linspace(-1, 1, 64).reshape([1, 64]) as tf.Tensor2D;
  for (const [name, { what }] of Object.entries(models)) {
    const got = await run(at(name), { x: float([...x.dataSync()], [1, 64]) });
    for (const [i, wanted] of what({ x }).dataSync().entries()) expect(got.output![i]).toBeCloseTo(wanted, 4);
  }
  const failing = { ...models, "second.onnx": { what: () => "nothing", inputs } };
  await expect(exportOnnxModels(at("."), failing as never)).rejects.toThrow(/E_EXPORT/);
});

test("the largest of an axis of any length, and where it stands", async () => {
  const best = ({ x }: { x: tf.Tensor2D }) => ({
    where: tf.argMax(x, 1),
    most: tf.max(x, 1),
    least: tf.min(x),
  });
  const exported = await exportOnnx(best, at("best.onnx"), { inputs: { x: { shape: ["batch", "n"] } } });
  expect(exported.fixedAxes).toEqual([]);
  const got = await run(at("best.onnx"), { x: float([1, 5, 3, Number.NaN, 4, 2], [2, 3]) });
  expect(got).toEqual({ where: [1, 0], most: [5, Number.NaN], least: [Number.NaN] });
});

test("weights without a name of their own are told apart, in one file and among several", async () => {
  const [a, b] = [6, 7].map((seed) => tf.randomNormal([64, 64], 0, 1, "float32", seed) as tf.Tensor2D);
  const inputs = { x: { shape: ["batch", 64] } };
  const both = ({ x }: { x: tf.Tensor2D }) => tf.sub(tf.matMul(x, a!), tf.matMul(x, b!));
  const [first, second] = [a!, b!].map(
    (w) =>
      ({ x }: { x: tf.Tensor2D }) =>
        tf.matMul(x, w),
  );
  await exportOnnxModels(folder, {
    "both.onnx": { what: both, inputs },
    "first.onnx": { what: first!, inputs },
    "second.onnx": { what: second!, inputs },
  });
  const x = float(
    Array.from({ length: 64 }, (_, i) => Math.sin(i)),
    [1, 64],
  );
  const results = await Promise.all(
    ["both", "first", "second"].map((name) => run(at(`${name}.onnx`), { x })),
  );
  const [difference, one, other] = results.map(({ output }) => output!);
  for (const [i, number] of difference!.entries()) expect(number).toBeCloseTo(one![i]! - other![i]!, 3);
  expect(one).not.toEqual(other);
});

test("weights beside the model begin at whole pages", async () => {
  const [a, b] = [8, 9].map((seed) => tf.randomNormal([1250], 0, 1, "float32", seed));
  const inputs = { x: { shape: [1250] } };
  await exportOnnx(({ x }) => x!.mul(a!).add(b!), at("x.onnx"), { inputs, externalDataAbove: 0 });
  expect((await fs.stat(at("x.onnx.data"))).size).toBe(2 * 4096 + 5000);
});

test("a function is never called with lengths below an axis's least", async () => {
  const rest = ({ x }: { x: tf.Tensor1D }) => tf.slice(x, [19], [x.shape[0] - 19]);
  const inputs = { x: { shape: ["n"] } };
  await expect(exportOnnx(rest, at("x.onnx"), { inputs })).rejects.toThrow(/E_EXPORT .*failed at n \d+/);
  const exported = await exportOnnx(rest, at("x.onnx"), { inputs, axes: { n: { min: 20 } } });
  expect(exported.checks.map(({ lengths }) => lengths.n)).toEqual([20, 130]);
});

test("a number that follows from a length in another way than by sums and products is found out", async () => {
  const inputs = { x: { shape: ["n"] } };
  const squared = ({ x }: { x: tf.Tensor1D }) => tf.mul(x, x.shape[0] ** 2);
  await expect(exportOnnx(squared, at("x.onnx"), { inputs })).rejects.toThrow(
    /E_EXPORT .*axis "n" cannot be of any length: a constant .* no sum of products of lengths/,
  );
  const exported = await exportOnnx(squared, at("x.onnx"), { inputs, axes: { n: { size: 5 } } });
  expect(exported.fixedAxes).toMatchObject([{ axis: "n", size: 5 }]);
});

test("NaN where there should be a number, and noise, are refused", async () => {
  const inputs = { x: { shape: ["n"] } };
  const sly = ({ x }: { x: tf.Tensor1D }) => (x.shape[0]! > 60 ? x : tf.sqrt(tf.sub(-1, tf.abs(x))));
  await expect(exportOnnx(sly, at("x.onnx"), { inputs })).rejects.toThrow(/a difference of Infinity/);
  const noisy = ({ x }: { x: tf.Tensor1D }) =>
    tf.mul(
      x,
      hostTensor([1], "float32", () => Float32Array.of(2)),
    );
  await expect(exportOnnx(noisy, at("x.onnx"), { inputs })).rejects.toThrow(
    /E_EXPORT .*draws random numbers[\s\S]*leave out the key/,
  );
  expect(await fs.readdir(folder)).toEqual([]);
});

test("another backend in use, and calls of jitted functions before, are respected", async () => {
  await tf.setBackend("cpu");
  const scale = tf.variable(tf.scalar(3));
  await exportOnnx(({ x }) => tf.mul(x, scale), at("x.onnx"), { inputs: { x: { shape: ["n"] } } });
  expect(tf.getBackend()).toBe("cpu");
  expect(scale.dataSync()[0]).toBe(3);
  await tf.setBackend("onnxruntime");
  expect((await run(at("x.onnx"), { x: float([1, 2], [2]) })).output).toEqual([3, 6]);
});

let counter: tf.Variable;
beforeAll(() => {
  counter = tf.variable(tf.scalar(0));
});
test.each<[string, unknown, object, RegExp]>([
  ["no function", 3, {}, /E_EXPORT .*expected a function or a tf.layers model, got number/],
  ["no inputs", () => tf.scalar(1), {}, /E_EXPORT .*no inputs[\s\S]*name them/],
  [
    "a variable is assigned",
    ({ x }: { x: tf.Scalar }) => counter.assign(x),
    { x: { shape: [] } },
    /E_EXPORT .*assigns the variable/,
  ],
  ["no tensor comes out", () => "nothing", { x: { shape: [] } }, /E_EXPORT .*returned no tensor/],
  [
    "an unknown type",
    ({ x }: { x: tf.Tensor }) => x,
    { x: { shape: [], dtype: "string" } },
    /E_DTYPE .*got string/,
  ],
  ["a bad axis", ({ x }: { x: tf.Tensor }) => x, { x: { shape: [1.5] } }, /E_SHAPE .*got 1.5/],
  [
    "a length the function does not take",
    ({ x }: { x: tf.Tensor2D }) => tf.matMul(x, tf.ones([4, 1])),
    { x: { shape: ["batch", "hidden"] } },
    /E_EXPORT .*failed at batch \d+, hidden \d+[\s\S]*axes/,
  ],
])("refused: %s", async (_, what, inputs, message) => {
  await expect(exportOnnx(what as never, at("x.onnx"), { inputs } as never)).rejects.toThrow(message);
  expect(await fs.readdir(folder)).toEqual([]);
});

test("a folder that is not there", async () => {
  const options = { inputs: { x: { shape: ["n"] } } };
  await expect(exportOnnx(({ x }) => tf.neg(x), at("no/where.onnx"), options)).rejects.toThrow(
    /E_FILE .*cannot write .*ENOENT/,
  );
});

import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isTracing, jit, registerOnnxRuntimeBackend } from "../index";

const values = (tensor: tf.Tensor | tf.Variable) => Array.from(tensor.dataSync());
const x = () => tf.tensor1d([1, 2, 3]);

let unhandled = 0;
const count = () => {
  unhandled++;
};
beforeAll(async () => {
  process.on("unhandledRejection", count);
  await registerOnnxRuntimeBackend({ threads: 2 });
});
beforeEach(() => tf.setBackend("onnxruntime"));
afterAll(async () => {
  await new Promise(setImmediate);
  process.off("unhandledRejection", count);
  expect(unhandled).toBe(0);
});

let outside: tf.Tensor;
let words: tf.Tensor1D;
let weight: tf.Variable;
let square: () => tf.Scalar;
beforeAll(() => {
  outside = tf.tensor1d([4]);
  words = tf.tensor1d(["a b"], "string");
  weight = tf.variable(tf.scalar(2));
  square = () => weight.square() as tf.Scalar;
});
const inner = jit((t: tf.Tensor) => tf.neg(t));

const read = (how: string) =>
  new RegExp(`value was read while tracing, by ${how};[\\s\\S]*return the tensor`);
const shapeOf = (how: string) => new RegExp(`read while tracing, by tf.${how};[\\s\\S]*tf.where\\(condition`);

test.each<[string, (t: tf.Tensor) => unknown, RegExp]>([
  ["dataSync", (t) => tf.scalar(t.dataSync()[0]!), read("Tensor.dataSync")],
  ["a captured value is read", () => tf.scalar(outside.dataSync()[0]!), read("Tensor.dataSync")],
  ["arraySync", (t) => tf.tensor(t.arraySync()), read("Tensor.arraySync")],
  ["data, awaited", async (t) => tf.tensor(await t.data()), read("Tensor.data")],
  ["data, not awaited", (t) => [t.data(), t][1], read("Tensor.data")],
  ["array", async (t) => tf.tensor(await t.array()), read("Tensor.array")],
  ["print", (t) => [t.print(), t][1], read("Tensor.print")],
  ["toString", (t) => [t.toString(), t][1], read("Tensor.toString")],
  ["whereAsync", (t) => tf.whereAsync(t.greater(1)), shapeOf("whereAsync")],
  ["booleanMaskAsync", (t) => tf.booleanMaskAsync(t, t.greater(1)), shapeOf("(booleanMask|where)Async")],
  ["setdiff1dAsync", (t) => tf.setdiff1dAsync(t, t), shapeOf("setdiff1dAsync")],
  ["strings", () => tf.string.stringSplit(words, " ").values, /not strings/],
  [
    "a draw",
    (t) => tf.multinomial(t as tf.Tensor1D, 2, 7),
    /kernel "Multinomial" cannot be traced[\s\S]*draw outside/,
  ],
  [
    "boxes without padding",
    (t) => tf.image.nonMaxSuppression(tf.stack([t, t, t, t], 1) as tf.Tensor2D, t as tf.Tensor1D, 2),
    /NonMaxSuppressionV3" cannot be traced[\s\S]*depends on values/,
  ],
  [
    "an operation that complex numbers lack here",
    (t) => tf.real(tf.mul(tf.complex(t, t), tf.complex(t, t))),
    /Multiply" cannot be traced[\s\S]*complex tensors only[\s\S]*FFT/,
  ],
  ["a complex result", (t) => tf.fft(tf.complex(t, t)), /returned a tensor of complex numbers[\s\S]*tf.imag/],
  ["unique", (t) => tf.unique(t).values, /kernel "Unique" cannot be traced[\s\S]*depends on values/],
  [
    "the error is swallowed",
    (t) => {
      try {
        return tf.scalar(t.dataSync()[0]!);
      } catch {
        return t;
      }
    },
    read("Tensor.dataSync"),
  ],
  ["Math.random is called", (t) => tf.mul(t, Math.random()), /Math.random was called[\s\S]*random key/],
  ["tf.dropout draws", (t) => tf.dropout(t, 0.5), /Math.random was called/],
  ["a Variable is made", (t) => tf.variable(t, true, "w0"), /made the variable "w0" of shape \[3\]/],
  [
    "a layer draws its first weights",
    (t) => tf.layers.dense({ units: 1 }).apply(t.expandDims(0)),
    /Math.random was called[\s\S]*first weights of a layer/,
  ],
  [
    "a layer is built",
    (t) => tf.layers.dense({ units: 1, kernelInitializer: "zeros" }).apply(t.expandDims(0)),
    /made the variable ".*kernel" of shape \[3,1\][\s\S]*inputShape/,
  ],
  [
    "tf.train.sgd",
    () => tf.train.sgd(0.1).minimize(square),
    /the SGD optimizer of tf.train[\s\S]*use SGD of/,
  ],
  ["tf.train.momentum", () => tf.train.momentum(0.1, 0.9).minimize(square), /use SGD with a momentum of/],
  ["tf.train.adagrad", () => tf.train.adagrad(0.1).minimize(square), /use Adagrad of/],
  ["tf.train.rmsprop", () => tf.train.rmsprop(0.1).minimize(square), /use RMSProp of/],
  ["another jitted function is called", (t) => inner(t).catch(() => t), /returned a promise/],
  ["an async function", async (t) => t.add(await Promise.resolve(1)), /returned a promise[\s\S]*synchronous/],
])("%s", async (_what, fn, message) => {
  const before = [Math.random, tf.SGDOptimizer.prototype.applyGradients, tf.engine().makeVariable];
  const variables = Object.keys(tf.engine().registeredVariables).length;
  const argument = x();
  await expect(jit(fn as (t: tf.Tensor) => tf.Tensor)(argument)).rejects.toThrow(message);
  expect([Math.random, tf.SGDOptimizer.prototype.applyGradients, tf.engine().makeVariable]).toEqual(before);
  expect(isTracing()).toBe(false);
  expect(Object.keys(tf.engine().registeredVariables).length).toBe(variables);
  expect(values(weight)).toEqual([2]);
});

test("Adam of tf.train, made before: refused at its step, with no slot left behind", async () => {
  const adam = tf.train.adam(0.1);
  const step = jit(() => adam.minimize(square, true)!);
  const before = tf.memory().numTensors;
  await expect(step()).rejects.toThrow(/the Adam optimizer of tf.train[\s\S]*use Adam of @symgrad\/core/);
  expect(tf.memory().numTensors).toBe(before);
  adam.minimize(square); // outside it still works
  expect(values(weight)[0]).toBeLessThan(2);
  weight.assign(tf.scalar(2));
});

test("a typed array among the arguments", async () => {
  await expect(jit((data: Float32Array) => tf.tensor(data))(Float32Array.of(1))).rejects.toThrow(
    /holds a Float32Array[\s\S]*tf.tensor/,
  );
});

test("a variable assigned in a trace that fails keeps its value", async () => {
  const w = tf.variable(tf.scalar(7));
  const f = jit((t: tf.Tensor) => {
    w.assign(tf.sum(t) as tf.Scalar);
    return tf.unique(t).values;
  });
  await expect(f(x())).rejects.toThrow(/Unique/);
  expect(values(w)).toEqual([7]);
});

test("a disposed argument", async () => {
  const gone = x();
  const f = jit((t: tf.Tensor) => tf.neg(t), { name: "negative" });
  (await f(gone)).dispose();
  gone.dispose();
  await expect(f(gone)).rejects.toThrow(/argument 0 \(float32\[3\]\) of negative is disposed/);
});

test("more memory than there is: the function and its arguments are named, variables keep their values", async () => {
  const w = tf.variable(tf.scalar(1));
  const outer = jit(
    (t: tf.Tensor) => {
      w.assign(tf.add(w, 1));
      return tf.matMul(tf.reshape(t, [-1, 1]), tf.reshape(t, [1, -1]));
    },
    { name: "outer" },
  );
  await expect(outer(tf.ones([2_000_000]))).rejects.toThrow(
    /E_MEMORY jit: outer ran out of memory[\s\S]*Where: outer\(float32\[2000000\]\)[\s\S]*smaller/,
  );
  expect(values(w)).toEqual([1]);
});

test("an unmapped kernel still works outside a trace", () => {
  expect(values(tf.unique(tf.tensor1d([1, 2, 1])).values)).toEqual([1, 2]);
});

describe("what looks alike has signatures of its own", () => {
  test.each<[string, unknown, unknown]>([
    ["a zero and its negative", 0, -0],
    ["a number and its text", 1, "1"],
    ["texts that hold the separator", ["a|b", "c"], ["a", "b|c"]],
    ["a key that holds a comma", { "a,b": 1 }, { a: 1, b: undefined }],
    ["two symbols of one name", Symbol("s"), Symbol("s")],
    ["Maps with keys of two types", new Map<unknown, number>([[1, 1]]), new Map<unknown, number>([["1", 1]])],
  ])("%s", async (_, one, other) => {
    const f = jit((what: unknown, t: tf.Tensor) => tf.add(t, what === one ? 1 : 0));
    const t = tf.scalar(0);
    await f(one, t);
    await f(other, t);
    expect(f.stats.traces).toBe(2);
  });
});

test("a tensor that lives on another backend is brought over", async () => {
  await tf.setBackend("cpu");
  const there = tf.tensor1d([1, 2]);
  const w = tf.variable(tf.tensor1d([10, 20]));
  await tf.setBackend("onnxruntime");
  const f = jit((t: tf.Tensor) => {
    w.assign(tf.add(w, t));
    return tf.neg(t);
  });
  expect(values(await f(there))).toEqual([-1, -2]);
  expect([values(w), values(there)]).toEqual([
    [11, 22],
    [1, 2],
  ]);
});

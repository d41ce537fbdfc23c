import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerOnnxRuntimeBackend } from "../../src/index";
import { evaluate, expectClose, type Plain, plain, type Use, withSpecials } from "./battery";

beforeAll(async () => {
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels: "always" });
});
afterAll(() => tf.removeBackend("onnxruntime"));

async function expectAlike(use: Use) {
  const wanted = await evaluate("cpu", use);
  expectClose(await evaluate("onnxruntime", use), wanted, use);
  expectClose(await evaluate("onnxruntime", use, true), wanted, use);
}

type Op = (x: tf.Tensor) => tf.Tensor;

/** Kernels that keep the argument's type, and those that do not: all of them on every type. */
const ofAnyType: Readonly<Record<string, Op>> = {
  ...{
    neg: tf.neg,
    abs: tf.abs,
    sign: tf.sign,
    square: tf.square,
    reciprocal: tf.reciprocal,
    round: tf.round,
  },
  ...{ softplus: tf.softplus, relu: tf.relu, relu6: tf.relu6, step: tf.step, selu: tf.selu, exp: tf.exp },
  ...{ acos: tf.acos, acosh: tf.acosh, asin: tf.asin, asinh: tf.asinh, atan: tf.atan, atanh: tf.atanh },
  ...{ sinh: tf.sinh, expm1: tf.expm1, log1p: tf.log1p, leakyRelu: tf.leakyRelu },
  ...{ isNaN: tf.isNaN, isInf: tf.isInf, isFinite: tf.isFinite },
  ...{ slope: (x) => tf.step(x, 0.25), clip: (x) => tf.clipByValue(x, -1, 2) },
  ...{ "to int32": (x) => tf.cast(x, "int32"), "to bool": (x) => tf.cast(x, "bool") },
  ...{ max: (x) => tf.max(x, -1), min: (x) => tf.min(x, 0, true), "max of all": (x) => tf.max(x) },
  ...{ argMax: (x) => tf.argMax(x, -1), argMin: (x) => tf.argMin(x, 0), cumsum: (x) => tf.cumsum(x) },
  ...{ sum: (x) => tf.sum(x, 0), mean: (x) => tf.mean(x, 0), any: (x) => tf.any(tf.cast(x, "bool")) },
  "one-hot of an argmax": (x) => tf.oneHot(tf.argMax(x, -1).toInt(), x.shape.at(-1)!),
  where: (x) => tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
};
const ofFloats: Readonly<Record<string, Op>> = {
  ...{ log: tf.log, sqrt: tf.sqrt, rsqrt: tf.rsqrt, erf: tf.erf, tanh: tf.tanh, sigmoid: tf.sigmoid },
  ...{ elu: tf.elu, softmax: (x) => tf.softmax(x), sin: tf.sin, cos: tf.cos, tan: tf.tan, cosh: tf.cosh },
  ...{ floor: tf.floor, ceil: tf.ceil, prelu: (x) => tf.prelu(x, tf.fill(x.shape, 0.3)) },
  "gradient of elu": tf.grad((x) => tf.elu(x)),
  "gradient of relu": tf.grad((x) => tf.relu(x)),
  "gradient of max": tf.grad((x) => tf.max(x)),
  logSumExp: (x) => tf.logSumExp(x, -1),
};

const shapes = fc.constantFrom<number[]>([13], [3, 7], [2, 1, 5]);
const floats = shapes.chain(withSpecials);
const integers = shapes.chain((shape) => plain(shape, "int32", [-9, 9]));
const bools = shapes.chain((shape) => plain(shape, "bool"));

describe.each(Object.entries({ ...ofAnyType, ...ofFloats }))("%s", (name, run) => {
  const types: [string, fc.Arbitrary<Plain>][] = [["NaN, infinities and zeros", floats]];
  if (name in ofAnyType) types.push(["int32", integers], ["bool", bools]);
  test.each(types)("of %s", async (_type, inputs) => {
    await fc.assert(
      fc.asyncProperty(inputs, (x) => expectAlike({ run: (x) => run(x!), inputs: [x] })),
      { numRuns: 6, seed: 11 },
    );
  });
});

test.each([
  ["NaN first", [Number.NaN, 1, 2], 0, 0],
  ["NaN later", [1, Number.NaN, 2], 2, 0],
  ["NaN last", [2, 1, Number.NaN], 0, 1],
  ["NaN only", [Number.NaN, Number.NaN], 0, 0],
  ["an infinity, then NaN", [Number.NEGATIVE_INFINITY, Number.NaN], 0, 0],
  ["the other infinity, then NaN", [Number.POSITIVE_INFINITY, Number.NaN], 0, 0],
])("argMax and argMin: %s", async (_what, values, largest, smallest) => {
  const x: Plain = { values, shape: [values.length], dtype: "float32" };
  const use: Use = { run: (x) => [tf.argMax(x!), tf.argMin(x!)], inputs: [x] };
  for (const traced of [false, true]) {
    const indices = (await evaluate("onnxruntime", use, traced)).map((result) => result.values);
    expect(indices).toEqual([[largest], [smallest]]);
  }
});

const binary = {
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum },
  ...{ pow: tf.pow, squaredDifference: tf.squaredDifference, divNoNan: tf.divNoNan },
  ...{ equal: tf.equal, notEqual: tf.notEqual, greater: tf.greater, less: tf.less },
  ...{ greaterEqual: tf.greaterEqual, lessEqual: tf.lessEqual },
};
test.each(Object.entries(binary))("%s of NaN, infinities and zeros", async (_name, run) => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(withSpecials([11, 10]), withSpecials([10])), (inputs) =>
      expectAlike({ run: (a, b) => run(a!, b!), inputs }),
    ),
    { numRuns: 8, seed: 12 },
  );
});

const open = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, -1, 2.5, -2.5, 7];
const pairs = open.flatMap((a) => open.map((b) => [a, b] as const));
const side = (k: 0 | 1): Plain => ({
  values: pairs.map((pair) => pair[k]),
  shape: [pairs.length],
  dtype: "float32",
});
test.each([
  ["mod", tf.mod],
  ["floorDiv", tf.floorDiv],
  ["pow", tf.pow],
] as const)("%s of every pair of NaN, infinities, zero and numbers of both signs", async (_name, run) => {
  await expectAlike({ run: (a, b) => run(a!, b!), inputs: [side(0), side(1)] });
});

test("mod and floorDiv of integers by 0, and of bools", async () => {
  const integers: Plain = { values: [7, -7, 0, 5], shape: [4], dtype: "int32" };
  const divisors: Plain = { values: [0, 0, 0, -3], shape: [4], dtype: "int32" };
  const bits: Plain = { values: [1, 0, 1, 0], shape: [4], dtype: "bool" };
  const ones: Plain = { values: [1, 1, 1, 1], shape: [4], dtype: "bool" };
  const run = (a?: tf.Tensor, b?: tf.Tensor) => [tf.mod(a!, b!), tf.floorDiv(a!, b!)];
  await expectAlike({ run, inputs: [integers, divisors] });
  await expectAlike({ run, inputs: [bits, ones] });
});

test("float32 beyond int32 is converted as typed arrays do", async () => {
  const values = [2 ** 31, -(2 ** 31) - 256, 2 ** 33 + 1024, 3e38, -3e38, 2 ** 62, Number.NaN, 1.9, -1.9];
  const x: Plain = { values, shape: [values.length], dtype: "float32" };
  await expectAlike({ run: (x) => tf.cast(x!, "int32"), inputs: [x] });
  expect(
    (await evaluate("onnxruntime", { run: (x) => tf.cast(x!, "int32"), inputs: [x] }, true))[0]!.values,
  ).toEqual([...Int32Array.from(values.map(Math.fround))]);
});

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jit, registerOnnxRuntimeBackend } from "../index";
import { kernelRules } from "./index";

/** Every kernel of the table: eager = traced = tfjs-cpu, on random shapes and values. */
interface Case {
  run: (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  inputs: fc.Arbitrary<Plain[]>;
}
interface Plain {
  values: number[];
  shape: number[];
  dtype: "float32" | "int32" | "bool";
}

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

function plain(
  dimensions: number[],
  dtype: Plain["dtype"] = "float32",
  range: [number, number] = [-3, 3],
): fc.Arbitrary<Plain> {
  const size = dimensions.reduce((product, axis) => product * axis, 1);
  const value =
    dtype === "float32"
      ? fc.integer({ min: range[0] * 256, max: range[1] * 256 }).map((v) => v / 256)
      : dtype === "int32"
        ? fc.integer({ min: range[0], max: range[1] })
        : fc.integer({ min: 0, max: 1 });
  return fc
    .array(value, { minLength: size, maxLength: size })
    .map((values) => ({ values, shape: dimensions, dtype }));
}

const one = (range: [number, number] = [-3, 3], dtype: Plain["dtype"] = "float32") =>
  shape.chain((s) => plain(s, dtype, range).map((p) => [p]));

/** Two shapes that broadcast: axes of length 1 and missing leading axes on either side. */
const pair = (dtype: Plain["dtype"] = "float32", rangeB: [number, number] = [-3, 3], rangeA = rangeB) =>
  shape.chain((s) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: s.length, maxLength: s.length }),
        fc.array(fc.boolean(), { minLength: s.length, maxLength: s.length }),
        fc.integer({ min: 0, max: s.length - 1 }),
      )
      .chain(([flatA, flatB, drop]) =>
        fc.tuple(
          plain(
            s.map((axis, i) => (flatA[i] ? 1 : axis)),
            dtype,
            rangeA,
          ),
          plain(s.map((axis, i) => (flatB[i] ? 1 : axis)).slice(drop), dtype, rangeB),
        ),
      ),
  );

type Op1 = (x: tf.Tensor) => tf.Tensor;
type Op2 = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const unary = (run: Op1, range?: [number, number]): Case[] => [
  { run: run as Case["run"], inputs: one(range) },
];
const both = (run: Op2, ...dtypes: Plain["dtype"][]): Case[] =>
  (dtypes.length ? dtypes : (["float32", "int32"] as const)).map((dtype) => ({
    run: run as Case["run"],
    inputs: pair(dtype),
  }));
const reduction = (
  run: (x: tf.Tensor, axis: number, keep: boolean) => tf.Tensor,
  ...dtypes: Plain["dtype"][]
): Case[] =>
  dtypes.flatMap((dtype) => [
    { run: (x) => run(x!, -1, false), inputs: one([-3, 3], dtype) },
    { run: (x) => run(x!, 0, true), inputs: one([-3, 3], dtype) },
  ]);

const matrices = (batched: boolean, transposeA: boolean, transposeB: boolean): Case => ({
  run: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
  inputs: fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
    )
    .chain(([m, k, n, batch]) =>
      fc.tuple(
        plain([...(batched ? [batch, 2] : []), ...(transposeA ? [k, m] : [m, k])]),
        plain([...(batched ? [batch, 2] : []), ...(transposeB ? [n, k] : [k, n])]),
      ),
    ),
});

const cases: Record<string, Case[]> = {
  Add: both(tf.add),
  AddN: [{ run: (x) => tf.addN([x!, x!.square(), x!]), inputs: one() }],
  Sub: both(tf.sub),
  Multiply: both(tf.mul),
  RealDiv: [{ run: (a, b) => tf.div(a!, b!), inputs: pair("float32", [1, 3], [-3, 3]) }],
  FloorDiv: both(tf.floorDiv, "int32"),
  Mod: [
    { run: (a, b) => tf.mod(a!, b!), inputs: pair("float32", [1, 3], [-3, 3]) },
    { run: (a, b) => tf.mod(a!, b!), inputs: pair("int32", [1, 3], [-9, 9]) },
  ],
  Pow: [{ run: (a, b) => tf.pow(a!, b!), inputs: pair("float32", [-2, 2], [1, 3]) }],
  Maximum: both(tf.maximum),
  Minimum: both(tf.minimum),
  SquaredDifference: both(tf.squaredDifference),
  Equal: both(tf.equal, "int32", "bool"),
  NotEqual: both(tf.notEqual, "int32", "bool"),
  Greater: both(tf.greater),
  GreaterEqual: both(tf.greaterEqual),
  Less: both(tf.less),
  LessEqual: both(tf.lessEqual),
  LogicalAnd: both(tf.logicalAnd, "bool"),
  LogicalOr: both(tf.logicalOr, "bool"),
  LogicalXor: both(tf.logicalXor, "bool"),
  LogicalNot: [{ run: (x) => tf.logicalNot(x!), inputs: one([0, 1], "bool") }],
  Neg: [...unary(tf.neg), { run: (x) => tf.neg(x!), inputs: one([-9, 9], "int32") }],
  Abs: [...unary(tf.abs), { run: (x) => tf.abs(x!), inputs: one([-9, 9], "int32") }],
  Sign: unary(tf.sign),
  Square: [...unary(tf.square), { run: (x) => tf.square(x!), inputs: one([-9, 9], "int32") }],
  Exp: unary(tf.exp),
  Log: unary(tf.log, [1, 9]),
  Sqrt: unary(tf.sqrt, [0, 9]),
  Rsqrt: unary(tf.rsqrt, [1, 9]),
  Reciprocal: unary(tf.reciprocal, [1, 9]),
  Erf: unary(tf.erf),
  Tanh: unary(tf.tanh),
  Sigmoid: unary(tf.sigmoid),
  Softplus: unary(tf.softplus),
  Relu: [...unary(tf.relu), { run: (x) => tf.relu(x!), inputs: one([-9, 9], "int32") }],
  Relu6: unary(tf.relu6, [-9, 9]),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3)),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: unary(tf.round),
  ClipByValue: unary((x) => tf.clipByValue(x, -1, 1.5)),
  Step: unary((x) => tf.step(x, 0.25)),
  IsNan: unary((x) => tf.isNaN(tf.div(x, tf.floor(x)))),
  IsInf: unary((x) => tf.isInf(tf.div(x, tf.floor(x)))),
  IsFinite: unary((x) => tf.isFinite(tf.div(x, tf.floor(x)))),
  Cast: [
    ...unary((x) => tf.cast(x, "int32")),
    ...unary((x) => tf.cast(x, "bool")),
    { run: (x) => tf.cast(x!, "float32"), inputs: one([-9, 9], "int32") },
    { run: (x) => tf.cast(x!, "float32"), inputs: one([0, 1], "bool") },
  ],
  Identity: unary((x) => tf.add(tf.clone(x), 1)),
  Select: [
    {
      run: (a, b) => tf.where(tf.greater(a!, b!), a!, b!),
      inputs: shape.chain((s) => fc.tuple(plain(s), plain(s))),
    },
  ],
  Softmax: unary((x) => tf.softmax(x)),
  Sum: reduction(tf.sum, "float32", "int32", "bool"),
  Mean: reduction(tf.mean, "float32"),
  Prod: reduction(tf.prod, "float32", "int32"),
  Max: reduction(tf.max, "float32", "int32"),
  Min: reduction(tf.min, "float32", "int32"),
  All: reduction(tf.all, "bool"),
  Any: reduction(tf.any, "bool"),
  ArgMax: reduction((x, axis) => tf.argMax(x, axis), "float32", "int32"),
  ArgMin: reduction((x, axis) => tf.argMin(x, axis), "float32", "int32"),
  Cumsum: [...unary((x) => tf.cumsum(x, 0)), ...unary((x) => tf.cumsum(x, x.rank - 1, true, true))],
  BatchMatMul: [false, true].flatMap((batched) =>
    [false, true].flatMap((a) => [false, true].map((b) => matrices(batched, a, b))),
  ),
  Reshape: unary((x) => tf.reshape(tf.neg(x), [-1])),
  ExpandDims: unary((x) => tf.expandDims(tf.neg(x), -1)),
  Transpose: [
    ...unary((x) => tf.transpose(x)),
    { run: (x) => tf.transpose(x!, [1, 0, 2]), inputs: fc.tuple(plain([2, 3, 4])) },
  ],
  PadV2: unary((x) =>
    tf.pad(
      x,
      x.shape.map((_, i) => [i, 1] as [number, number]),
      7,
    ),
  ),
  Slice: [{ run: (x) => tf.slice(x!, [1, 0], [2, -1]), inputs: fc.tuple(plain([4, 3])) }],
  Concat: unary((x) => tf.concat([x, tf.neg(x)], -1)),
  SplitV: [
    { run: (x) => tf.split(x!, 2, 1), inputs: fc.tuple(plain([3, 4])) },
    { run: (x) => tf.split(x!, [1, 3], -1), inputs: fc.tuple(plain([3, 4])) },
  ],
  Pack: unary((x) => tf.stack([x, tf.neg(x)], -1)),
  Unpack: [{ run: (x) => tf.unstack(x!, 1), inputs: fc.tuple(plain([3, 4, 2])) }],
  Tile: unary((x) =>
    tf.tile(
      x,
      x.shape.map((_, i) => (i % 2) + 1),
    ),
  ),
  BroadcastTo: [{ run: (x) => tf.broadcastTo(x!, [4, 3]), inputs: fc.tuple(plain([1, 3])) }],
  Reverse: unary((x) => tf.reverse(x, 0)),
  Fill: unary((x) => tf.add(x, tf.fill(x.shape, 2.5))),
  ZerosLike: unary((x) => tf.add(tf.zerosLike(x), 1)),
  OnesLike: unary((x) => tf.add(tf.onesLike(x), 1)),
  GatherV2: [
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 0),
      inputs: fc.tuple(plain([5, 3]), plain([2, 4], "int32", [0, 4])),
    },
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 1),
      inputs: fc.tuple(plain([2, 5, 3]), plain([4], "int32", [0, 4])),
    },
    {
      run: (x, i) => tf.gather(x!, i!.toInt(), 1, 1),
      inputs: fc.tuple(plain([2, 5, 3]), plain([2, 4], "int32", [0, 4])),
    },
  ],
  OneHot: [
    { run: (i) => tf.oneHot(i!.toInt(), 4), inputs: fc.tuple(plain([3, 2], "int32", [-1, 5])) },
    {
      run: (i) => tf.oneHot(i!.toInt(), 4, 2.5, -1, "float32"),
      inputs: fc.tuple(plain([3, 2], "int32", [0, 3])),
    },
  ],
  UnsortedSegmentSum: [
    {
      run: (x, i) => tf.unsortedSegmentSum(x!, i!.toInt() as tf.Tensor1D, 4),
      inputs: fc.tuple(plain([6, 3]), plain([6], "int32", [-1, 3])),
    },
    {
      run: (x, i) => tf.unsortedSegmentSum(x!, i!.toInt() as tf.Tensor1D, 2000),
      inputs: fc.tuple(plain([6, 3]), plain([6], "int32", [-1, 1999])),
    },
  ],
};

beforeAll(async () => {
  await registerOnnxRuntimeBackend({ threads: 1 });
});
afterAll(() => {
  tf.removeBackend("onnxruntime");
});

test("every rule of the table has a case here", () => {
  expect(Object.keys(kernelRules).sort()).toEqual(Object.keys(cases).sort());
});

async function evaluate(backend: string, run: Case["run"], inputs: readonly Plain[], traced: boolean) {
  await tf.setBackend(backend);
  const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  const f = (...args: tf.Tensor[]) => run(...args);
  const jitted = jit(f);
  const result = traced ? await jitted(...tensors) : f(...tensors);
  const list = Array.isArray(result) ? result : [result];
  const read = list.map((tensor) => ({
    shape: tensor.shape,
    dtype: tensor.dtype,
    values: Array.from(tensor.dataSync()),
  }));
  tf.dispose([tensors, list]);
  jitted.dispose();
  return read;
}

function expectClose(actual: Awaited<ReturnType<typeof evaluate>>, wanted: typeof actual) {
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    wanted.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  actual.forEach(({ values }, k) => {
    values.forEach((value, i) => {
      const want = wanted[k]!.values[i]!;
      if (Number.isNaN(want) || !Number.isFinite(want)) expect(value).toBe(want);
      else expect(Math.abs(value - want)).toBeLessThanOrEqual(2e-6 * Math.abs(want) + 1e-6);
    });
  });
}

describe.each(Object.entries(cases))("%s", (_name, list) => {
  test.each(list.map((one, i) => [i, one] as const))("case %i", async (_i, { run, inputs }) => {
    await fc.assert(
      fc.asyncProperty(inputs, async (plains) => {
        const wanted = await evaluate("cpu", run, plains, false);
        expectClose(await evaluate("onnxruntime", run, plains, false), wanted);
        expectClose(await evaluate("onnxruntime", run, plains, true), wanted);
      }),
      { numRuns: 8, seed: 20 },
    );
  });
});

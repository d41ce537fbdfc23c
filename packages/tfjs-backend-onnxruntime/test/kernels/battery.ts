import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { expect } from "vitest";
import { seededRandom } from "../../conformance/seededRandom.mjs";
import { jit } from "../../src/index";

/** One kernel in one use: a function of tensors and what it is given. */
export interface Use {
  run: (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  inputs: Plain[];
  /** Results are sums of many products, rounded in another order: the tolerance follows the largest result. */
  sums?: boolean;
}
/** A kernel's uses: one function on drawn inputs, or a function drawn together with them. */
export type Case = { run: Use["run"]; inputs: fc.Arbitrary<Plain[]> } | { uses: fc.Arbitrary<Use> };
/** Kernel name -> its cases. */
export type Cases = Readonly<Record<string, Case[]>>;

export function usesOf(one: Case): fc.Arbitrary<Use> {
  return "uses" in one ? one.uses : one.inputs.map((inputs) => ({ run: one.run, inputs }));
}

export interface Plain {
  values: number[];
  shape: number[];
  dtype: "float32" | "int32" | "bool";
}

export const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** Values on a coarse grid, so that sums and comparisons are exact. */
export function plain(
  dimensions: number[],
  dtype: Plain["dtype"] = "float32",
  range: [number, number] = [-3, 3],
): fc.Arbitrary<Plain> {
  const size = dimensions.reduce((product, axis) => product * axis, 1);
  return fc.integer().map((seed) => {
    const random = seededRandom(seed);
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    const draw = {
      float32: () => between(range[0] * 256, range[1] * 256) / 256,
      int32: () => between(range[0], range[1]),
      bool: () => between(0, 1),
    }[dtype];
    return { values: Array.from({ length: size }, draw), shape: dimensions, dtype };
  });
}

const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0,
  1e-42,
  -1e-42,
  3e38,
  -3e38,
];

/** A tensor one in ten of whose values is NaN, an infinity, a zero or next to one of them. */
export const withSpecials = (dimensions: number[]): fc.Arbitrary<Plain> =>
  plain(dimensions).map((tensor) => ({
    ...tensor,
    values: tensor.values.map((value, i) =>
      (i * 7919) % 10 === 3 ? special[(i * 31) % special.length]! : value,
    ),
  }));

/** As `plain`, no two values alike. */
export function distinct(dimensions: number[]): fc.Arbitrary<Plain> {
  const size = dimensions.reduce((product, axis) => product * axis, 1);
  return fc
    .shuffledSubarray(
      Array.from({ length: size }, (_, i) => i / 4),
      { minLength: size },
    )
    .map((values) => ({ values, shape: dimensions, dtype: "float32" }));
}

export const one = (range: [number, number] = [-3, 3], dtype: Plain["dtype"] = "float32") =>
  shape.chain((s) => plain(s, dtype, range).map((p) => [p]));

/** Two shapes that broadcast: axes of length 1 and missing leading axes on either side. */
export const pair = (
  dtype: Plain["dtype"] = "float32",
  rangeB: [number, number] = [-3, 3],
  rangeA = rangeB,
) =>
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
export const unary = (run: Op1, range?: [number, number]): Case[] => [
  { run: run as Use["run"], inputs: one(range) },
];
export const both = (run: Op2, ...dtypes: Plain["dtype"][]): Case[] =>
  (dtypes.length ? dtypes : (["float32", "int32"] as const)).map((dtype) => ({
    run: run as Use["run"],
    inputs: pair(dtype),
  }));
export const reduction = (
  run: (x: tf.Tensor, axis: number, keep: boolean) => tf.Tensor,
  ...dtypes: Plain["dtype"][]
): Case[] =>
  dtypes.flatMap((dtype) => [
    { run: (x) => run(x!, -1, false), inputs: one([-3, 3], dtype) },
    { run: (x) => run(x!, 0, true), inputs: one([-3, 3], dtype) },
  ]);

/** @returns What `use` gives on a backend, eager or traced, in plain arrays. */
export async function evaluate(backend: string, { run, inputs }: Use, traced = false) {
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

export function expectClose(
  actual: Awaited<ReturnType<typeof evaluate>>,
  wanted: typeof actual,
  { sums }: Use,
) {
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    wanted.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  actual.forEach(({ values }, k) => {
    const largest = Math.max(0, ...wanted[k]!.values.filter(Number.isFinite).map(Math.abs));
    values.forEach((value, i) => {
      const want = wanted[k]!.values[i]!;
      if (Number.isNaN(want) || !Number.isFinite(want)) expect(value).toBe(want);
      else
        expect(Math.abs(value - want)).toBeLessThanOrEqual(2e-6 * (sums ? largest : Math.abs(want)) + 1e-6);
    });
  });
}

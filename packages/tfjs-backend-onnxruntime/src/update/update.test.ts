import * as tf from "@tensorflow/tfjs";
import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { copiedTensor, jit, registerOnnxRuntimeBackend } from "../index";
import { PIECE } from "./compileProgram";
import * as planning from "./planUpdates";

const values = (tensor: tf.Tensor | tf.Variable) => Array.from(tensor.dataSync());
const ramp = (size: number, factor: number) =>
  tf.tensor1d(Float32Array.from({ length: size }, (_, i) => factor * Math.sin(i + 1)));

beforeAll(() => registerOnnxRuntimeBackend({ threads: 1 }));
beforeEach(() => tf.setBackend("onnxruntime"));

/** An expression over three tensors of one shape and two scalars, as reverse Polish notation. */
type Token = "x" | "y" | "g" | "s" | "t" | "+" | "-" | "*" | "/" | "sqrt" | "neg" | "abs" | number;

const tensors: readonly Token[] = ["x", "y", "g"];
const expression: fc.Arbitrary<readonly Token[]> = fc.letrec<{ tree: readonly Token[] }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...tensors).map((token) => [token]),
    fc
      .tuple(
        tie("tree"),
        fc.constantFrom<Token>("s", "t", 0.5, 3),
        fc.constantFrom<Token>("+", "-", "*", "/"),
      )
      .map(([tree, scalar, op]) => [...tree, scalar, op]),
    fc
      .tuple(tie("tree"), tie("tree"), fc.constantFrom<Token>("+", "-", "*", "/"))
      .map(([a, b, op]) => [...a, ...b, op]),
    fc.tuple(tie("tree"), fc.constantFrom<Token>("sqrt", "neg", "abs")).map(([a, op]) => [...a, op]),
  ),
})).tree;

function evaluate(tokens: readonly Token[], named: Readonly<Record<string, tf.Tensor>>): tf.Tensor {
  const stack: tf.Tensor[] = [];
  const binary = { "+": tf.add, "-": tf.sub, "*": tf.mul, "/": tf.div } as const;
  const unary = { sqrt: tf.sqrt, neg: tf.neg, abs: tf.abs } as const;
  for (const token of tokens) {
    if (typeof token === "number") stack.push(tf.scalar(token));
    else if (token in binary) {
      const b = stack.pop()!;
      stack.push(binary[token as "+"](stack.pop()!, b));
    } else if (token in unary) stack.push(unary[token as "sqrt"](stack.pop()!));
    else stack.push(named[token]!);
  }
  return stack[0]!;
}

test("any elementwise update gives the bits of tfjs-cpu, piece by piece", async () => {
  await fc.assert(
    fc.asyncProperty(
      expression,
      expression,
      fc.constantFrom(1, 3, PIECE - 1, PIECE + 5),
      async (first, second, size) => {
        const run = async (backend: string) => {
          await tf.setBackend(backend);
          const [x, y] = [tf.variable(ramp(size, 1)), tf.variable(ramp(size, -2))];
          const [g, s, t] = [ramp(size, 0.3), tf.scalar(0.9), tf.scalar(-1.7)];
          const step = jit((g: tf.Tensor, s: tf.Tensor) => {
            const named = { x, y, g, s, t: s.add(t) };
            // Times 1: a variable assigned as it is is no expression.
            const next = [evaluate(first, named).mul(1), evaluate(second, named).mul(1)];
            x.assign(next[0] as never);
            y.assign(next[1] as never);
          });
          for (let i = 0; i < 2; i++) await step(g, s);
          const result = [values(x), values(y)];
          step.dispose();
          for (const tensor of [x, y, g, s, t]) tensor.dispose();
          return result;
        };
        expect(await run("onnxruntime")).toEqual(await run("cpu"));
      },
    ),
    { numRuns: 60, seed: 4 },
  );
});

test("an update whose tensors only the optimizer reads needs no session output for them", async () => {
  const plan = vi.spyOn(planning, "planUpdates");
  const [w, m] = [tf.variable(tf.ones([8, 4])), tf.variable(tf.zeros([8, 4]))];
  const step = jit((x: tf.Tensor2D, rate: tf.Scalar) => {
    const { grads } = tf.variableGrads(
      () =>
        tf
          .matMul(x, w as tf.Tensor2D)
          .square()
          .sum() as tf.Scalar,
      [w],
    );
    const next = m.mul(0.9).add(grads[w.name]!);
    w.assign(w.sub(next.mul(rate)));
    m.assign(next as never);
  });
  await step(tf.ones([2, 8]), tf.scalar(0.01));
  const [update, ...others] = plan.mock.results[0]!.value as planning.Update[];
  expect(others).toEqual([]);
  expect(update!.targets).toHaveLength(2);
  expect(update!.program.inputs).toHaveLength(3); // weight, momentum, gradient
  expect(update!.program.scalars).toHaveLength(1); // rate
  plan.mockRestore();
});

test("a gradient that the session adds up from several products is handed over as one array", async () => {
  const plan = vi.spyOn(planning, "planUpdates");
  const w = tf.variable(ramp(32, 1).reshape([8, 4]));
  const square = (x: tf.Tensor2D) => tf.matMul(x, w as tf.Tensor2D).square();
  const gradient = (x: tf.Tensor2D) => {
    const loss = () => tf.addN([1, 2, 3].map((factor) => square(x.mul(factor)))).sum() as tf.Scalar;
    return tf.variableGrads(loss, [w]).grads[w.name]!;
  };
  const x = ramp(16, 1).reshape([2, 8]) as tf.Tensor2D;
  const step = jit((x: tf.Tensor2D) => w.assign(w.sub(gradient(x).mul(0.1)) as never));
  const expected = values(tf.tidy(() => w.sub(gradient(x).mul(0.1))));
  await step(x);
  const [update] = plan.mock.results[0]!.value as planning.Update[];
  expect(update!.program.inputs).toHaveLength(2); // weight, gradient
  values(w).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 4);
  });
  plan.mockRestore();
});

describe("nobody sees a variable change in place", () => {
  const setUp = () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    return { w, step: jit((by: tf.Scalar) => w.assign(w.add(by) as never)) };
  };

  test("not values read before, in any step", async () => {
    const { w, step } = setUp();
    const seen: ArrayLike<number>[] = [];
    for (let i = 0; i < 4; i++) {
      seen.push(w.dataSync());
      await step(tf.scalar(1));
    }
    expect(seen.map((data) => data[0])).toEqual([1, 2, 3, 4]);
  });

  test("not a clone, a reshaped view or another variable with the same data", async () => {
    const { w, step } = setUp();
    await step(tf.scalar(1));
    const clone = w.clone();
    await step(tf.scalar(1));
    const view = w.reshape([2, 1]);
    await step(tf.scalar(1));
    const other = tf.variable(tf.zeros([2]));
    other.assign(w as never);
    await step(tf.scalar(1));
    expect([clone, view, other, w].map(values)).toEqual([
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 6],
    ]);
  });

  test("not a slice, nor what a variable was made of", async () => {
    const given = Float32Array.of(1, 2);
    const source = tf.fill([4], 7);
    const seen = tf.fill([2], 5);
    const data = seen.dataSync();
    const variables = [tf.tensor1d(given), source.slice(1, 2), seen.clone()].map((tensor) =>
      tf.variable(tensor),
    );
    seen.dispose();
    const step = jit(() => {
      for (const variable of variables) variable.assign(variable.add(1) as never);
    });
    await step();
    const slices = variables.map((variable) => variable.slice(0, 1));
    await step();
    expect(slices.map(values)).toEqual([[2], [8], [6]]);
    expect([values(source), [...given], [...data]]).toEqual([
      [7, 7, 7, 7],
      [1, 2],
      [5, 5],
    ]);
    expect(variables.map(values)).toEqual([
      [3, 4],
      [9, 9],
      [7, 7],
    ]);
  });

  test("an array that a kernel made for the variable alone is overwritten from the first step on", async () => {
    const backend = tf.backend() as unknown as { overwritable(dataId: object): Float32Array };
    const own = tf.tidy(() => tf.variable(tf.fill([2], 1)));
    const given = tf.tidy(() => tf.variable(tf.tensor1d([1, 1])));
    expect(backend.overwritable(own.dataId)).toEqual(Float32Array.of(1, 1));
    expect(backend.overwritable(given.dataId)).toEqual(Float32Array.of(0, 0));
    const source = Float32Array.of(1, 1);
    const copied = tf.tidy(() => tf.variable(copiedTensor(source, [2])));
    backend.overwritable(copied.dataId).fill(3);
    expect([values(copied), [...source]]).toEqual([
      [3, 3],
      [1, 1],
    ]);
    const step = jit(() => given.assign(given.add(1) as never));
    await step();
    const array = backend.overwritable(given.dataId);
    await step();
    expect(backend.overwritable(given.dataId)).toBe(array);
  });
});

test("variables that read each other's old values", async () => {
  const [a, b, c] = [1, 10, 100].map((start) => tf.variable(tf.tensor1d([start, start])));
  const rotate = jit(() => {
    const [oldA, oldB, oldC] = [a!.mul(1), b!.mul(1), c!.mul(1)];
    c!.assign(oldB.neg() as never);
    b!.assign(oldA.neg() as never);
    a!.assign(oldC.neg() as never);
  });
  await rotate();
  expect([a, b, c].map((variable) => values(variable!)[0])).toEqual([-100, -1, -10]);
});

test("the gradient of a table that is read at some rows, some of them twice", async () => {
  const rows = 2000; // more than the one-hot product takes
  const table = tf.variable(ramp(rows * 3, 1).reshape([rows, 3]));
  const before = values(table);
  const ids = [5, 1999, 5, 0, 1366, 5, 1365];
  const step = jit((ids: tf.Tensor1D, weights: tf.Tensor) => {
    const loss = () =>
      tf
        .gather(table as tf.Tensor, ids)
        .mul(weights)
        .sum() as tf.Scalar;
    const gradient = tf.variableGrads(loss, [table]).grads[table.name]!;
    table.assign(table.sub(gradient.mul(0.5)) as never);
  });
  const weights = ramp(ids.length * 3, 4).reshape([ids.length, 3]);
  await step(tf.tensor1d(ids, "int32"), weights);
  const expected = Float64Array.from(before);
  const weight = values(weights);
  ids.forEach((id, i) => {
    for (let j = 0; j < 3; j++) expected[id * 3 + j]! -= 0.5 * weight[i * 3 + j]!;
  });
  const after = values(table);
  const errors = after.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...errors)).toBeLessThan(1e-5);
});

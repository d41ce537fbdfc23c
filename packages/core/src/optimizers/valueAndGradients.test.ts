import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { valueAndGradients } from "./valueAndGradients";

beforeAll(() => tf.setBackend("cpu"));

const parameters = () =>
  new Map([
    ["a", tf.variable(tf.tensor1d([1, 2]))],
    ["b", tf.variable(tf.tensor1d([3, 4]))],
    ["unused", tf.variable(tf.tensor1d([5]))],
  ]);

test("gradients come under the parameters' names; a parameter that plays no part has none", () => {
  const all = parameters();
  const before = tf.memory().numTensors;
  const { value, gradients } = valueAndGradients(() => all.get("a")!.mul(all.get("b")!).sum(), all);
  expect(value.dataSync()[0]).toBe(11);
  expect([...gradients].map(([name, gradient]) => [name, [...gradient.dataSync()]])).toEqual([
    ["a", [3, 4]],
    ["b", [1, 2]],
  ]);
  expect(tf.memory().numTensors).toBe(before + 3);
});

test("a loss that is no scalar is refused", () => {
  const all = parameters();
  expect(() => valueAndGradients(() => all.get("a")!.square(), all)).toThrow(/E_SHAPE.*\[2\][\s\S]*mean/);
});

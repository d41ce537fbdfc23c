import { readFileSync } from "node:fs";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { AdamW } from "./adamW";

interface Golden {
  shapes: Record<string, number[]>;
  start: Record<string, number[]>;
  steps: { rate: number; gradients: Record<string, number[]>; parameters: Record<string, number[]> }[];
}

// fixtures/adamw/generate.py: the update of torch.optim.AdamW in float64.
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../../fixtures/adamw/golden.json", import.meta.url), "utf8"),
);

beforeAll(() => tf.setBackend("cpu"));

function parametersAt(values: Record<string, number[]>): Map<string, tf.Variable> {
  return new Map(
    Object.entries(values).map(([name, data]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(data, golden.shapes[name]!))),
    ]),
  );
}

function tensors(values: Record<string, number[]>): Map<string, tf.Tensor> {
  return new Map(Object.entries(values).map(([name, data]) => [name, tf.tensor(data, golden.shapes[name]!)]));
}

test("every step of 25 agrees with PyTorch's update", () => {
  const parameters = parametersAt(golden.start);
  const optimizer = new AdamW({ parameters });
  const before = tf.memory().numTensors;
  for (const [i, step] of golden.steps.entries()) {
    tf.tidy(() => optimizer.apply(tensors(step.gradients), tf.scalar(step.rate)));
    for (const [name, variable] of parameters) {
      const error = relativeError(variable.dataSync(), step.parameters[name]!);
      expect(error, `${name} after step ${i + 1}`).toBeLessThan(1e-6);
    }
  }
  expect(tf.memory().numTensors).toBe(before);
});

test("the state is whole: a new optimizer continues from it", () => {
  const half = 12;
  const parameters = parametersAt(golden.steps[half - 1]!.parameters);
  const first = new AdamW({ parameters: parametersAt(golden.start) });
  for (const step of golden.steps.slice(0, half)) {
    tf.tidy(() => first.apply(tensors(step.gradients), tf.scalar(step.rate)));
  }
  expect([...first.state().keys()].sort()).toEqual(["m.bias", "m.weight", "step", "v.bias", "v.weight"]);

  const second = new AdamW({ parameters });
  for (const [name, variable] of second.state()) variable.assign(first.state().get(name)!.clone());
  first.dispose();
  for (const step of golden.steps.slice(half)) {
    tf.tidy(() => second.apply(tensors(step.gradients), tf.scalar(step.rate)));
  }
  for (const [name, variable] of parameters) {
    expect(relativeError(variable.dataSync(), golden.steps.at(-1)!.parameters[name]!)).toBeLessThan(1e-6);
  }
});

test("a parameter without a gradient stays, moments and all", () => {
  const parameters = parametersAt(golden.start);
  const optimizer = new AdamW({ parameters });
  tf.tidy(() => optimizer.apply(new Map([["bias", tf.tensor([1, 2, 3])]]), tf.scalar(0.1)));
  expect([...parameters.get("weight")!.dataSync()]).toEqual(golden.start.weight);
  expect(
    optimizer
      .state()
      .get("m.weight")!
      .dataSync()
      .every((value) => value === 0),
  ).toBe(true);
  expect(optimizer.state().get("step")!.dataSync()[0]).toBe(1);
});

test("mistakes have names", () => {
  const parameters = parametersAt(golden.start);
  const optimizer = new AdamW({ parameters });
  const rate = tf.scalar(1);
  expect(() => optimizer.apply(new Map([["wieght", tf.zeros([2, 3])]]), rate)).toThrow(
    /E_NAME.*wieght[\s\S]*weight/,
  );
  expect(() => optimizer.apply(new Map([["weight", tf.zeros([3, 2])]]), rate)).toThrow(
    /E_SHAPE.*\[2, 3\].*\[3, 2\]/,
  );
  expect(() => optimizer.apply(new Map(), tf.zeros([1]) as unknown as tf.Scalar)).toThrow(/E_SHAPE/);
  expect(() => new AdamW({ parameters, beta2: 1 })).toThrow(/E_RANGE.*beta2/);
});

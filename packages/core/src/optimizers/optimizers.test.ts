import { readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  initBackend,
  jit,
  loadParameters,
  type Optimizer,
  type OptimizerOptions,
  RMSProp,
  readSafetensors,
  SGD,
  saveSafetensors,
} from "../index";

type Values = Record<string, number[]>;
interface Golden {
  shapes: Values;
  start: Values;
  steps: { rate: number; gradients: Values }[];
  cases: { name: string; optimizer: keyof typeof OPTIMIZERS; options: object; parameters: Values[] }[];
}

// fixtures/optimizers/generate.py: torch.optim in float64.
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../../fixtures/optimizers/golden.json", import.meta.url), "utf8"),
);
const OPTIMIZERS = { SGD, Adagrad, RMSProp, Adam, AdamW } satisfies Record<
  string,
  new (
    options: OptimizerOptions,
  ) => Optimizer
>;
const cases = golden.cases.map((one) => [`${one.optimizer}, ${one.name}`, one] as const);

function parametersAt(values: Values): Map<string, tf.Variable> {
  return new Map(
    Object.entries(values).map(([name, data]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(data, golden.shapes[name]!))),
    ]),
  );
}

/** Applies the golden gradients of some steps, one call of `apply` each. */
async function train(
  optimizer: Optimizer,
  steps: Golden["steps"],
  after: (step: number) => void = () => {},
): Promise<void> {
  const apply = jit(
    (gradients: Map<string, tf.Tensor>, rate: tf.Scalar) => optimizer.apply(gradients, rate),
    {
      name: "apply",
    },
  );
  for (const [i, { rate, gradients }] of steps.entries()) {
    const tensors = new Map(
      Object.entries(gradients).map(([name, data]) => [name, tf.tensor(data, golden.shapes[name]!)]),
    );
    const learningRate = tf.scalar(rate);
    await apply(tensors, learningRate);
    tf.dispose([...tensors.values(), learningRate]);
    after(i);
  }
  if (tf.getBackend() === "onnxruntime") expect(apply.stats.traces).toBe(1);
  await apply.dispose();
}

describe.each(["onnxruntime", "wasm", "cpu"] as const)("as torch.optim, on %s", (backend) => {
  beforeAll(async () => {
    expect((await initBackend({ backend, threads: 2 })).name).toBe(backend);
  });

  test.each(cases)("%s", async (_, { optimizer: name, options, parameters: expected }) => {
    const before = tf.memory().numTensors;
    const parameters = parametersAt(golden.start);
    const optimizer = new OPTIMIZERS[name]({ parameters, ...options });
    await train(optimizer, golden.steps, (step) => {
      for (const [name, variable] of parameters) {
        const error = relativeError(variable.dataSync(), expected[step]![name]!);
        expect(error, `${name} after step ${step + 1}`).toBeLessThan(2e-6);
      }
    });
    optimizer.dispose();
    for (const variable of parameters.values()) variable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("onnxruntime: one kernel at a time gives what the traced step gives", async () => {
  await initBackend({ backend: "onnxruntime", threads: 2 });
  for (const [, { optimizer: name, options, parameters: expected }] of cases) {
    const parameters = parametersAt(golden.start);
    const optimizer = new OPTIMIZERS[name]({ parameters, ...options });
    for (const { rate, gradients } of golden.steps) {
      tf.tidy(() => {
        const tensors = Object.entries(gradients).map(
          ([name, data]) => [name, tf.tensor(data, golden.shapes[name]!)] as const,
        );
        optimizer.apply(new Map(tensors), tf.scalar(rate));
      });
    }
    for (const [name, variable] of parameters) {
      expect(relativeError(variable.dataSync(), expected.at(-1)![name]!)).toBeLessThan(2e-6);
    }
  }
});

test.each(cases)("%s: saved and loaded, it goes on to the same bits", async (_, { optimizer, options }) => {
  await initBackend({ backend: "onnxruntime", threads: 2 });
  const whole = parametersAt(golden.start);
  const first = new OPTIMIZERS[optimizer]({ parameters: whole, ...options });
  const [head, tail] = [golden.steps.slice(0, 9), golden.steps.slice(9)];
  await train(first, head);
  const folder = await fs.mkdtemp(join(tmpdir(), "optimizer-"));
  const files = [join(folder, "parameters.safetensors"), join(folder, "optimizer.safetensors")] as const;
  await saveSafetensors(files[0], whole);
  await saveSafetensors(files[1], first.state());
  const resumed = parametersAt(golden.start);
  const second = new OPTIMIZERS[optimizer]({ parameters: resumed, ...options });
  loadParameters(resumed, await readSafetensors(files[0]), { where: files[0] });
  loadParameters(second.state(), await readSafetensors(files[1]), { where: files[1] });
  await fs.rm(folder, { recursive: true });
  await train(first, tail);
  await train(second, tail);
  for (const [name, variable] of whole) expect(resumed.get(name)!.dataSync()).toEqual(variable.dataSync());
});

test("parameter groups: one optimizer with two rates is two optimizers with one rate each", () => {
  const groups = [["weight"], ["bias"]];
  const together = parametersAt(golden.start);
  const whole = new AdamW({
    parameters: together,
    weightDecay: 0.1,
    decays: (name) => name === "bias",
    rateScale: (name) => (name === "bias" ? 10 : 1),
  });
  const apart = parametersAt(golden.start);
  const alone = groups.map(
    (names) =>
      new AdamW({
        parameters: new Map(names.map((name) => [name, apart.get(name)!])),
        weightDecay: 0.1,
        decays: (name) => name === "bias",
      }),
  );
  for (const { rate, gradients } of golden.steps) {
    tf.tidy(() => {
      const tensors = new Map(
        Object.entries(gradients).map(([name, data]) => [name, tf.tensor(data, golden.shapes[name]!)]),
      );
      whole.apply(tensors, tf.scalar(rate));
      for (const [i, names] of groups.entries()) {
        const own = new Map(names.map((name) => [name, tensors.get(name)!]));
        alone[i]!.apply(own, tf.scalar(i === 1 ? Math.fround(Math.fround(rate) * 10) : rate));
      }
    });
  }
  for (const [name, variable] of together) {
    expect(relativeError(variable.dataSync(), apart.get(name)!.dataSync()), name).toBeLessThan(1e-6);
    expect(relativeError(variable.dataSync(), golden.start[name]!)).toBeGreaterThan(1e-3);
  }
});

test("RMSProp, centered: a constant gradient's variance never turns into NaN", async () => {
  await initBackend({ backend: "cpu" });
  const parameters = new Map([["p", tf.variable(tf.tensor1d([1, 2, 3]))]]);
  const optimizer = new RMSProp({ parameters, decay: 0.5, centered: true, epsilon: 1e-2 });
  for (let i = 0; i < 100; i++) {
    tf.tidy(() => optimizer.apply(new Map([["p", tf.tensor1d([0.1, 0.7, 3.3])]]), tf.scalar(1e-3)));
  }
  expect([...parameters.get("p")!.dataSync()].every(Number.isFinite)).toBe(true);
});

test.each<[string, () => unknown, RegExp]>([
  ["momentum", () => new SGD({ parameters: new Map(), momentum: 1 }), /E_RANGE SGD: `momentum`.*got 1/],
  ["nesterov", () => new SGD({ parameters: new Map(), nesterov: true }), /E_RANGE SGD: `nesterov`/],
  ["sum", () => new Adagrad({ parameters: new Map(), initialSum: -1 }), /E_RANGE Adagrad: `initialSum`/],
  [
    "rate scale",
    () => new SGD({ parameters: new Map([["p", tf.variable(tf.scalar(1))]]), rateScale: () => 0 }),
    /E_RANGE SGD: `rateScale` of "p".*got 0/,
  ],
  ["decay", () => new RMSProp({ parameters: new Map(), decay: -0.1 }), /E_RANGE RMSProp: `decay`/],
  ["beta", () => new Adam({ parameters: new Map(), beta1: Number.NaN }), /E_RANGE Adam: `beta1`.*got NaN/],
])("a setting out of range: %s", (_, make, message) => {
  expect(make).toThrow(message);
});

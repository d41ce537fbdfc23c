import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerOnnxRuntimeBackend } from "../../src/index";
import { complexRules, kernelRules } from "../../src/kernels";
import { evaluate, expectClose, usesOf } from "./battery";
import { cases } from "./cases";

beforeAll(async () => {
  // Eager, too, every kernel goes through its rule, however small.
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels: "always" });
});
afterAll(() => {
  tf.removeBackend("onnxruntime");
});

test("every rule of the table has a case here", () => {
  const names = Object.keys({ ...kernelRules, ...complexRules });
  expect(names.sort()).toEqual(Object.keys(cases).sort());
});

/** Every kernel of the table: eager = traced = tfjs-cpu, on random shapes and values. */
describe.each(Object.entries(cases))("%s", (_name, list) => {
  test.each(list.map((one, i) => [i, one] as const))("case %i", async (_i, one) => {
    await fc.assert(
      fc.asyncProperty(usesOf(one), async (use) => {
        const wanted = await evaluate("cpu", use);
        expectClose(await evaluate("onnxruntime", use), wanted, use);
        expectClose(await evaluate("onnxruntime", use, true), wanted, use);
      }),
      { numRuns: 5, seed: 20 },
    );
  });
});

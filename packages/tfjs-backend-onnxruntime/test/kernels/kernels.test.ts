import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerOnnxRuntimeBackend } from "../../src/index";
import { kernelRules } from "../../src/kernels";
import { type Cases, evaluate, expectClose, usesOf } from "./battery";
import { elementwiseCases } from "./elementwise";
import { functionCases } from "./functions";
import { imageCases } from "./images";
import { indexingCases } from "./indexing";
import { matrixCases } from "./matrix";
import { rearrangementCases } from "./rearrangements";
import { reductionCases } from "./reductions";
import { shapeCases } from "./shapes";
import { windowCases } from "./windows";

const cases: Cases = {
  ...elementwiseCases,
  ...reductionCases,
  ...matrixCases,
  ...shapeCases,
  ...indexingCases,
  ...windowCases,
  ...functionCases,
  ...imageCases,
  ...rearrangementCases,
};

beforeAll(async () => {
  // Eager, too, every kernel goes through its rule, however small.
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels: "always" });
});
afterAll(() => {
  tf.removeBackend("onnxruntime");
});

test("every rule of the table has a case here", () => {
  expect(Object.keys(kernelRules).sort()).toEqual(Object.keys(cases).sort());
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

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { jit, registerOnnxRuntimeBackend } from "../index";

const folder = mkdtempSync(join(tmpdir(), "order-"));
beforeAll(() => registerOnnxRuntimeBackend({ threads: 2 }));
afterAll(() => rmSync(folder, { recursive: true }));

/** The products of one run by the shapes of their results, in order, from ONNX Runtime's own profile. */
async function productsInOrder(run: () => Promise<unknown>): Promise<string[]> {
  const create = ort.InferenceSession.create;
  const sessions: ort.InferenceSession[] = [];
  const spy = vi.spyOn(ort.InferenceSession, "create").mockImplementation((async (
    model: Uint8Array,
    options: ort.InferenceSession.SessionOptions,
  ) => {
    const profiled = { ...options, enableProfiling: true, profileFilePrefix: join(folder, "run") };
    sessions.push(await create.call(ort.InferenceSession, model, profiled));
    return sessions.at(-1)!;
  }) as never);
  await run();
  spy.mockRestore();
  for (const session of sessions) session.endProfiling();
  const [file] = readdirSync(folder);
  const events: { name: string; args: { op_name?: string; output_type_shape?: object[] } }[] = JSON.parse(
    readFileSync(join(folder, file!), "utf8"),
  );
  return events
    .filter(({ name, args }) => name.endsWith("_kernel_time") && args.op_name?.endsWith("Gemm"))
    .map(({ args }) => Object.values(args.output_type_shape![0]!)[0].join("x"));
}

test("a weight's gradient is computed when the gradient passes it, not after all the others", async () => {
  const widths = [5, 6, 7, 8]; // each product has a shape of its own
  const weights = widths.slice(1).map((width, i) => tf.variable(tf.ones([widths[i]!, width])));
  const x = tf.ones([3, 5]);
  const step = jit((x: tf.Tensor) => {
    const loss = () =>
      weights.reduce((x, weight) => tf.matMul(x, weight as tf.Tensor2D).tanh(), x).sum() as tf.Scalar;
    return tf.variableGrads(loss, weights).grads;
  });
  const order = await productsInOrder(async () => tf.dispose(await step(x)));
  await step.dispose();
  expect(order).toEqual(["3x6", "3x7", "3x8", "7x8", "3x7", "6x7", "3x6", "5x6"]);
});

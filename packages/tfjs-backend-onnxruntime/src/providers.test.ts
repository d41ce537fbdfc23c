import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { jit, providerReport, registerOnnxRuntimeBackend } from "./index";
import { chooseProvider, type RunChild, tryProvider } from "./providers";
import { loadOnnxRuntime } from "./runtime";

let listed: string[];
beforeAll(async () => {
  listed = (await loadOnnxRuntime()).listSupportedBackends().map(({ name }) => name);
});
afterEach(() => vi.restoreAllMocks());

/** Stands in for the process that tries a provider. */
const answers =
  (byProvider: Record<string, string>): RunChild =>
  async (args) =>
    byProvider[args.at(-1)!]!;
const everything = answers({ cuda: '{"sum":4}', webgpu: '{"sum":4}' });
const nothing = answers({
  cuda: '{"error":"Failed to load shared library"}',
  webgpu:
    '{"error":"a.cc:136 Initialize() ok was false. Failed to get a WebGPU adapter: No supported adapters\\n"}',
});
async function listing(names: string[]): Promise<void> {
  const ort = await loadOnnxRuntime();
  vi.spyOn(ort, "listSupportedBackends").mockReturnValue(names.map((name) => ({ name, bundled: true })));
}

test("auto takes the first that works; cpu always does", async () => {
  await listing(["cpu", "webgpu", "cuda"]);
  expect(await chooseProvider("auto", everything)).toBe("cuda");
  expect(await chooseProvider("auto", nothing)).toBe("cpu");
  const webgpuOnly = answers({ cuda: '{"error":"no"}', webgpu: '{"sum":4}' });
  expect(await chooseProvider("auto", webgpuOnly)).toBe("webgpu");
});

test("one that is asked for and does not work: the reason without the source line, and the repair", async () => {
  await listing(["cpu", "webgpu", "cuda"]);
  await expect(chooseProvider("webgpu", nothing)).rejects.toThrow(
    /E_BACKEND the webgpu provider of onnxruntime cannot be used: Failed to get a WebGPU adapter: No supported adapters\.\n.*Vulkan/,
  );
  await expect(chooseProvider("cuda", nothing)).rejects.toThrow(
    /Failed to load shared library\.[\s\S]*onnxruntime-node-install=cuda12/,
  );
  await expect(chooseProvider("cuda", answers({ cuda: '{"sum":5}' }))).rejects.toThrow(/computed 2 \+ 2 = 5/);
  await expect(chooseProvider("cuda", answers({ cuda: "" }))).rejects.toThrow(
    /the process that tried it ended/,
  );
  await expect(chooseProvider("metal" as "cpu")).rejects.toThrow(
    /E_NAME .*"metal"; known are auto, cuda, webgpu, cpu/,
  );
});

test("one that this platform's package does not hold", async () => {
  await listing(["cpu"]);
  const never: RunChild = () => expect.fail("nothing to try");
  expect(await tryProvider("cuda", never)).toMatchObject({
    available: false,
    reason: expect.stringMatching(/^onnxruntime-node has none for \w+-\w+, only cpu$/),
  });
});

test("on this machine, whatever it has: every provider answers, and registration agrees with the report", async () => {
  const report = await providerReport();
  expect(report.map(({ name }) => name)).toEqual(["cuda", "webgpu", "cpu"]);
  expect(report.at(-1)).toEqual({ name: "cpu", available: true });
  for (const { name, available, reason, fix } of report) {
    const registered = registerOnnxRuntimeBackend({ threads: 2, provider: name });
    if (available) await registered;
    else {
      const error = await registered.catch((thrown: Error) => thrown);
      expect((error as Error).message).toContain(reason);
      expect((error as Error).message).toContain(fix);
      if (!listed.includes(name)) expect(reason).toContain("onnxruntime-node has none");
    }
  }
});

test("auto registers the first provider that works here; the same options keep the backend, others replace it", async () => {
  const wanted = (await providerReport()).find(({ available }) => available)!.name;
  await registerOnnxRuntimeBackend({ threads: 2, provider: "auto" });
  const registered = () =>
    tf.findBackend("onnxruntime") as unknown as { provider: string; singleKernels: string };
  const first = registered();
  expect(first.provider).toBe(wanted);
  await registerOnnxRuntimeBackend({ threads: 2, provider: wanted });
  expect(registered()).toBe(first);
  await registerOnnxRuntimeBackend({ threads: 2, provider: wanted, singleKernels: "never" });
  expect(registered()).not.toBe(first);
  expect(registered().singleKernels).toBe("never");
  await expect(registerOnnxRuntimeBackend({ threads: 0 })).rejects.toThrow(/E_RANGE .*`threads`.*got 0/);
  await expect(registerOnnxRuntimeBackend({ singleKernels: "some" as "never" })).rejects.toThrow(
    /E_RANGE .*`singleKernels`.*got "some"/,
  );
});

test("sessions of traced steps go to the provider, with the CPU for the rest", async () => {
  await registerOnnxRuntimeBackend({ threads: 2 });
  await tf.setBackend("onnxruntime");
  const { InferenceSession } = await loadOnnxRuntime();
  const created = vi.spyOn(InferenceSession, "create").mockRejectedValueOnce(new Error("no adapter"));
  const backend = tf.backend() as unknown as { provider: string };
  const f = jit((x: tf.Tensor) => tf.neg(x), { name: "f" });
  backend.provider = "webgpu";
  await expect(f(tf.scalar(1))).rejects.toThrow(/E_BACKEND jit: .* f: no adapter\n.*f\(float32\[\]\)/);
  backend.provider = "cpu";
  expect((await f(tf.scalar(1))).dataSync()[0]).toBe(-1);
  const options = created.mock.calls.map((call) => call.at(-1) as { executionProviders?: string[] });
  expect(options.map(({ executionProviders }) => executionProviders)).toEqual([["webgpu", "cpu"], undefined]);
});

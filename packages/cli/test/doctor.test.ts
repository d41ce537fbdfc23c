import fs from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const preload = new URL("./standIns.mjs", import.meta.url).href;
// The TensorFlow.js that the built CLI runs on, so that a stand-in registers its backend there.
const require = createRequire(new URL("../../core/package.json", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
});

interface StandIns {
  packages?: Record<string, string>;
  providers?: Record<string, string>;
}

/** Runs `symgrad doctor` where these packages have this code and onnxruntime-node these providers. */
async function doctor(args: string[], { packages = {}, providers }: StandIns) {
  const urls: Record<string, string> = {};
  for (const [name, code] of Object.entries(packages)) {
    const file = join(folder, `${name.replace(/\W/g, "-")}.cjs`);
    await fs.writeFile(file, code);
    urls[name] = pathToFileURL(file).href;
  }
  const env = {
    NODE_OPTIONS: `--import ${preload}`,
    STAND_INS: JSON.stringify({ packages: urls, providers }),
    SYMGRAD_BACKEND: "",
  };
  return symgrad(["doctor", ...args], { env });
}

async function report(standIns: StandIns) {
  const { status, stdout, stderr } = await doctor(["--json"], standIns);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const backends: { name: string }[] = JSON.parse(stdout).backends;
  return Object.fromEntries(backends.map((backend) => [backend.name, backend])) as Record<string, unknown>;
}

const working = `
  const tf = require(${JSON.stringify(require.resolve("@tensorflow/tfjs"))});
  const cpu = tf.findBackend("cpu");
  cpu.firstUse = false;
  for (const kernel of tf.getKernelsForBackend("cpu")) tf.registerKernel({ ...kernel, backendName: "tensorflow" });
  tf.registerBackend("tensorflow", () => cpu, 3);
  exports.version = { "tfjs-node": "4.22.0" };
`;
const noAddon = `throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: /x.");`;

test("a GPU that computes, one that has no driver, and the CPU", async () => {
  const providers = { cuda: "works", webgpu: "a.cc:1 Failed to get a WebGPU adapter: No supported adapters" };
  const { onnxruntime } = await report({ providers });
  expect(onnxruntime).toMatchObject({
    selected: true,
    providers: [
      { name: "cuda", available: true },
      {
        name: "webgpu",
        available: false,
        reason: expect.stringContaining("No supported adapters"),
        fix: expect.stringContaining("Vulkan"),
      },
      { name: "cpu", available: true },
    ],
  });
  const { stdout } = await doctor([], { providers });
  expect(stdout).toMatch(
    / {2}\* onnxruntime .*\n {6}\+ cuda\n {6}- webgpu {2}.*No supported adapters\n {8}Do: .*Vulkan.*\n {6}\+ cpu\n/,
  );
});

test("a driver that ends the process it is tried in", async () => {
  const { onnxruntime } = await report({ providers: { cuda: "aborts" } });
  expect(onnxruntime).toMatchObject({
    available: true,
    providers: [
      {
        name: "cuda",
        available: false,
        reason: "the process that tried it ended: signal SIGABRT",
        fix: expect.stringContaining("onnxruntime-node-install=cuda12"),
      },
      { name: "webgpu", available: false, reason: expect.stringContaining("onnxruntime-node has none") },
      { name: "cpu", available: true },
    ],
  });
});

test("tfjs-node, installed: in use, with its version; its GPU form is not tried then", async () => {
  const backends = await report({ packages: { "@tensorflow/tfjs-node": working } });
  expect(backends["tfjs-node"]).toMatchObject({ available: true, selected: true, version: "4.22.0" });
  expect(backends["tfjs-node-gpu"]).toMatchObject({
    available: false,
    reason: expect.stringContaining("not tried: tfjs-node is loaded"),
    fix: expect.stringContaining("SYMGRAD_BACKEND=tfjs-node-gpu"),
  });
  expect(backends.onnxruntime).toMatchObject({ available: true, selected: false });
});

test("tfjs-node without its addon: passed over, with the reason and the repair", async () => {
  const packages = { "@tensorflow/tfjs-node": noAddon };
  const backends = await report({ packages });
  expect(backends["tfjs-node"]).toMatchObject({
    available: false,
    reason: expect.stringContaining("tfjs_binding.node) can not be found"),
    fix: expect.stringContaining("npm rebuild @tensorflow/tfjs-node --build-addon-from-source"),
  });
  expect(backends.onnxruntime).toMatchObject({ selected: true });
  const { stdout } = await doctor([], { packages });
  expect(stdout).toMatch(
    / {2}- tfjs-node .*tfjs_binding.node.*\n {4}Do: npm install @tensorflow\/tfjs-node,/,
  );
});

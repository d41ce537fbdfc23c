import { spawnSync } from "node:child_process";
import fs from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundleForChild } from "../../test/childBundle";
import { SymgradError } from "../index";
import { availableThreads } from "./availableThreads";
import { BackendChooser } from "./backendChooser";
import type { BackendDriver } from "./backendDriver";

const failure = (promise: Promise<unknown>): Promise<SymgradError> =>
  promise.then(
    () => expect.fail("it should have failed"),
    (error) => error,
  );

describe("choosing", () => {
  let loads: string[];
  let warnings: string[];
  beforeEach(async () => {
    loads = [];
    warnings = [];
    await tf.setBackend("cpu");
  });

  /** A driver whose backend is tfjs-cpu under another name. */
  function driver(name: BackendDriver["name"], load: BackendDriver["load"]): BackendDriver {
    const tfName = `stand-in-${name}`;
    if (!tf.findBackendFactory(tfName)) tf.registerBackend(tfName, () => tf.findBackend("cpu"), 0);
    return {
      name,
      tfName,
      fix: `repair ${name}`,
      load: (threads) => {
        loads.push(`${name} ${threads}`);
        return load(threads);
      },
    };
  }
  const works = async (threads: number) => ({ version: "1.2.3", threads });
  const absent = async () => undefined;
  const breaks = async () => {
    throw new Error("libfoo.so: cannot open.\nmore lines");
  };
  const chooser = (drivers: BackendDriver[], environment: NodeJS.ProcessEnv = {}) =>
    new BackendChooser(drivers, (text) => warnings.push(text), environment);

  test("the first that works, past one that is absent in silence and one that breaks with a warning", async () => {
    const choose = chooser([
      driver("tfjs-node", absent),
      driver("onnxruntime", breaks),
      driver("wasm", works),
      driver("cpu", works),
    ]);
    const info = { name: "wasm", version: "1.2.3", threads: 3, requested: "auto" };
    expect(await choose.init({ threads: 3 })).toEqual(info);
    expect(tf.getBackend()).toBe("stand-in-wasm");
    expect(warnings).toEqual([
      "symgrad: onnxruntime did not load (libfoo.so: cannot open); using wasm, which is slower.\n  Do: repair onnxruntime",
    ]);
    await tf.setBackend("cpu");
    expect(await choose.init({ backend: "auto", threads: 3 })).toEqual(info);
    expect(warnings).toHaveLength(1);
  });

  test("loads nothing again for the same choice, at once or later", async () => {
    const choose = chooser([driver("wasm", works), driver("cpu", works)]);
    const [first, second] = await Promise.all([choose.init({ threads: 2 }), choose.init({ threads: 2 })]);
    expect(second).toBe(first);
    expect(await choose.init()).toBe(first);
    expect(await choose.init({ backend: "auto" })).toBe(first);
    expect(await choose.init({ backend: "wasm" })).toBe(first);
    expect(loads).toEqual(["wasm 2"]);
  });

  test("a call without options keeps a named choice; another name changes it", async () => {
    const choose = chooser([driver("wasm", works), driver("cpu", works)]);
    expect((await choose.init({ backend: "cpu" })).name).toBe("cpu");
    expect((await choose.init()).name).toBe("cpu");
    expect((await choose.init({ backend: "auto" })).name).toBe("wasm");
    expect((await choose.init({ backend: "cpu", threads: 2 })).requested).toBe("cpu");
  });

  test("the provider goes to the driver; another wish loads anew, none keeps it; the report lists them", async () => {
    const wishes: unknown[] = [];
    const runtime = driver("onnxruntime", works);
    const choose = chooser([
      {
        ...runtime,
        load: async (threads, provider = "cpu") => {
          wishes.push(provider);
          return { version: "1", threads, provider: provider === "auto" ? "webgpu" : provider };
        },
        providers: async () => [{ name: "webgpu", available: true }],
      },
    ]);
    expect((await choose.init()).provider).toBe("cpu");
    expect((await choose.init({ provider: "auto" })).provider).toBe("webgpu");
    expect((await choose.init()).provider).toBe("webgpu");
    expect((await choose.init({ provider: "cpu" })).provider).toBe("cpu");
    expect(wishes).toEqual(["cpu", "auto", "cpu"]);
    expect(await choose.report()).toMatchObject([{ providers: [{ name: "webgpu", available: true }] }]);
  });

  test("a provider that does not work: E_BACKEND if onnxruntime was named, else the next backend with a warning", async () => {
    const noGpu = async () => {
      throw new SymgradError("E_BACKEND", "the cuda provider of onnxruntime cannot be used: no GPU.");
    };
    const drivers = () => [driver("onnxruntime", noGpu), driver("cpu", works)];
    const error = await failure(chooser(drivers()).init({ backend: "onnxruntime", provider: "cuda" }));
    expect(error.message).toMatch(/E_BACKEND .*the cuda provider of onnxruntime cannot be used: no GPU/);
    expect((await chooser(drivers()).init({ provider: "cuda" })).name).toBe("cpu");
    expect(warnings).toHaveLength(1);
  });

  test("comes back after someone else set another backend", async () => {
    const choose = chooser([driver("wasm", works)]);
    await choose.init();
    await tf.setBackend("cpu");
    await choose.init();
    expect(tf.getBackend()).toBe("stand-in-wasm");
  });

  test("SYMGRAD_BACKEND overrides auto, not a name; empty counts as unset", async () => {
    const drivers = () => [driver("onnxruntime", works), driver("wasm", works), driver("cpu", works)];
    const wasm = { SYMGRAD_BACKEND: "wasm" };
    expect(await chooser(drivers(), wasm).init()).toMatchObject({ name: "wasm", requested: "wasm" });
    expect(await chooser(drivers(), wasm).init({ backend: "auto" })).toMatchObject({ name: "wasm" });
    expect(await chooser(drivers(), wasm).init({ backend: "cpu" })).toMatchObject({ name: "cpu" });
    expect(await chooser(drivers(), { SYMGRAD_BACKEND: "" }).init()).toMatchObject({ name: "onnxruntime" });
    expect(await chooser(drivers(), { SYMGRAD_BACKEND: "auto" }).init()).toMatchObject({
      name: "onnxruntime",
    });
  });

  test("an unknown name lists the known ones and the nearest", async () => {
    const drivers = [driver("cpu", works)];
    const error = await failure(chooser(drivers, { SYMGRAD_BACKEND: "onnx-runtime" }).init());
    expect(error).toMatchObject({ code: "E_NAME", hint: 'did you mean "onnxruntime"?' });
    expect(error.message).toContain('SYMGRAD_BACKEND: there is no backend "onnx-runtime"');
    expect(error.message).toContain("auto, tfjs-node-gpu, tfjs-node, onnxruntime, wasm, cpu");
    expect(await failure(chooser(drivers).init({ backend: "cuda" as "cpu" }))).toMatchObject({
      code: "E_NAME",
    });
    expect(await failure(chooser(drivers, { SYMGRAD_BACKEND: "cuda" }).report())).toMatchObject({
      code: "E_NAME",
    });
    expect(loads).toEqual([]);
  });

  test("a named one that breaks or is absent is E_BACKEND with the repair; nothing else is tried", async () => {
    const choose = chooser([
      driver("onnxruntime", breaks),
      driver("tfjs-node", absent),
      driver("cpu", works),
    ]);
    const error = await failure(choose.init({ backend: "onnxruntime" }));
    expect(error).toMatchObject({ code: "E_BACKEND", cause: expect.any(Error) });
    expect(error.message).toContain("libfoo.so: cannot open");
    expect(error.hint).toContain("repair onnxruntime");
    expect((await failure(choose.init({ backend: "tfjs-node" }))).message).toMatch(
      /E_BACKEND .*not installed/,
    );
    expect(loads).toHaveLength(2);
    expect(warnings).toEqual([]);
    expect((await choose.init({ backend: "cpu" })).name).toBe("cpu");
  });

  test("nothing works at all", async () => {
    expect(await failure(chooser([driver("cpu", breaks)]).init())).toMatchObject({ code: "E_BACKEND" });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 5000, "2" as unknown as number])(
    "threads %s is E_RANGE",
    async (threads) => {
      const error = await failure(chooser([driver("cpu", works)]).init({ threads }));
      expect(error.code).toBe("E_RANGE");
      expect(error.message).toContain(`got ${threads}`);
    },
  );

  test("the report tells what works, why not and what to do, prints nothing and leaves the choice", async () => {
    const drivers = [
      driver("tfjs-node-gpu", works),
      driver("tfjs-node", works),
      driver("onnxruntime", breaks),
      driver("wasm", absent),
      driver("cpu", works),
    ];
    const choose = chooser(drivers, { SYMGRAD_BACKEND: "cpu" });
    expect(await choose.report()).toMatchObject([
      { name: "tfjs-node-gpu", available: true, version: "1.2.3", selected: false },
      { name: "tfjs-node", available: false, reason: expect.stringContaining("tfjs-node-gpu is loaded") },
      { name: "onnxruntime", available: false, reason: "libfoo.so: cannot open", fix: "repair onnxruntime" },
      { name: "wasm", available: false, reason: "not installed", fix: "repair wasm" },
      { name: "cpu", available: true, threads: expect.any(Number), selected: true },
    ]);
    expect(tf.getBackend()).toBe("stand-in-cpu");
    expect(warnings).toEqual([]);
    const broken = chooser([driver("onnxruntime", breaks)], { SYMGRAD_BACKEND: "onnxruntime" });
    expect(await broken.report()).toMatchObject([{ name: "onnxruntime", available: false, selected: false }]);
  });
});

test("availableThreads: what the scheduler allows, within the container's quota", () => {
  const cores = availableParallelism();
  expect(availableThreads(() => "max 100000\n")).toBe(cores);
  expect(availableThreads(() => "100000 100000\n")).toBe(1);
  expect(availableThreads(() => "50000 100000\n")).toBe(1);
  expect(availableThreads(() => `${(cores + 5) * 1e5} 100000\n`)).toBe(cores);
  expect(availableThreads(() => "")).toBe(cores);
  const missing = () => {
    throw new Error("ENOENT");
  };
  expect(availableThreads(missing)).toBe(cores);
});

describe("in a process of its own", () => {
  let child: { folder: string; path: string };
  beforeAll(async () => {
    child = await bundleForChild("backend.child.ts");
  });
  afterAll(() => fs.rm(child.folder, { recursive: true }));

  /** Puts a module in place of a package; `undefined` takes it away. */
  async function place(name: string, code: string | undefined): Promise<void> {
    const folder = join(child.folder, "node_modules", name);
    await fs.rm(folder, { recursive: true, force: true });
    if (code === undefined) return;
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(
      join(folder, "package.json"),
      JSON.stringify({ name, version: "4.22.0", main: "index.js" }),
    );
    await fs.writeFile(join(folder, "index.js"), code);
  }
  function run(args: string[], environment: Record<string, string> = {}) {
    const { SYMGRAD_BACKEND: _, ...inherited } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, [child.path, ...args], {
      encoding: "utf8",
      env: { ...inherited, ...environment },
    });
    return { answer: stdout === "" ? undefined : JSON.parse(stdout), stderr };
  }
  const working = `
    const tf = require("@tensorflow/tfjs");
    const util = require("util");
    for (const kernel of tf.getKernelsForBackend("cpu")) {
      tf.registerKernel({ ...kernel, backendName: "tensorflow", kernelFunc: (args) => {
        if (util.isNullOrUndefined(args.inputs)) throw new Error("no inputs"); // as tfjs-node does in each op
        return kernel.kernelFunc(args);
      }});
    }
    const cpu = tf.findBackend("cpu");
    cpu.firstUse = false;
    tf.registerBackend("tensorflow", () => cpu, 3);
    tf.setBackend("tensorflow");
    exports.version = { "tfjs-node": "4.22.0", threads: process.env.TF_NUM_INTRAOP_THREADS };
  `;
  const noAddon = `
    const tf = require("@tensorflow/tfjs");
    tf.registerKernel({ kernelName: "Abs", backendName: "tensorflow", kernelFunc() { throw new Error("half-loaded"); } });
    throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \\nPlease run");
  `;

  test("no peer: onnxruntime, in silence, with a training step that traces", () => {
    const { answer, stderr } = run(["train"]);
    expect(answer.error).toBeUndefined();
    expect(answer.info).toMatchObject({ name: "onnxruntime", version: expect.stringMatching(/^\d+\.\d+/) });
    expect(answer.losses[1]).toBeLessThan(answer.losses[0]);
    expect(stderr).toBe("");
  });

  test("a peer that works comes first, the GPU one before the other", async () => {
    await place("@tensorflow/tfjs-node", working);
    const { answer, stderr } = run(["init"]);
    expect(answer).toMatchObject({
      info: { name: "tfjs-node", version: "4.22.0" },
      sum: 3,
      patched: "function",
    });
    expect(stderr).toBe("");
    await place("@tensorflow/tfjs-node-gpu", working);
    const both = run(["report"]).answer;
    expect(both.info.name).toBe("tfjs-node-gpu");
    expect(both.report[1]).toMatchObject({ name: "tfjs-node", available: false });
    expect(run(["init"], { SYMGRAD_BACKEND: "tfjs-node" }).answer.info.name).toBe("tfjs-node");
    await place("@tensorflow/tfjs-node", undefined);
    await place("@tensorflow/tfjs-node-gpu", undefined);
  });

  test("a peer without its addon: passed over with one warning, and no trace in the next peer", async () => {
    await place("@tensorflow/tfjs-node-gpu", noAddon);
    const { answer, stderr } = run(["init"]);
    expect(answer).toMatchObject({ info: { name: "onnxruntime" }, sum: 3 });
    expect(stderr.match(/tfjs-node-gpu did not load/g)).toHaveLength(1);
    expect(stderr).toContain("tfjs_binding.node) can not be found");
    expect(stderr).toContain("Do: npm install @tensorflow/tfjs-node-gpu, or npm rebuild");
    await place("@tensorflow/tfjs-node", working);
    const next = run(["init"]);
    expect(next.answer.info.name).toBe("tfjs-node");
    expect(next.stderr).not.toContain("already registered");
    await place("@tensorflow/tfjs-node", undefined);
    await place("@tensorflow/tfjs-node-gpu", undefined);
  });

  test("a peer that needs a missing package is broken, not absent; named, it is E_BACKEND", async () => {
    await place("@tensorflow/tfjs-node", 'require("@mapbox/node-pre-gyp");');
    expect(run(["init"]).stderr).toContain("Cannot find module '@mapbox/node-pre-gyp'");
    const { answer } = run(["init", "tfjs-node"]);
    expect(answer.error.code).toBe("E_BACKEND");
    expect(answer.error.message).toContain("@mapbox/node-pre-gyp");
    await place("@tensorflow/tfjs-node", undefined);
    const absent = run(["init"], { SYMGRAD_BACKEND: "tfjs-node" }).answer.error;
    expect(absent.message).toMatch(/E_BACKEND .*not installed/);
  });

  test("onnxruntime that does not load: the same training step on wasm, after one warning", async () => {
    const link = join(child.folder, "node_modules/onnxruntime-node");
    const target = await fs.readlink(link);
    await fs.rm(link);
    await place("onnxruntime-node", 'throw new Error("libonnxruntime.so.1: invalid ELF header");');
    const { answer, stderr } = run(["train"]);
    expect(answer.error).toBeUndefined();
    expect(answer.info).toMatchObject({ name: "wasm", threads: 1 });
    expect(answer.losses[1]).toBeLessThan(answer.losses[0]);
    expect(stderr.match(/onnxruntime did not load/g)).toHaveLength(1);
    expect(stderr).toMatch(/invalid ELF header.*; using wasm, which is slower/);
    await place("onnxruntime-node", undefined);
    await fs.mkdir(dirname(link), { recursive: true });
    await fs.symlink(target, link);
  });

  test("cpu prints no advertisement", () => {
    const { answer, stderr } = run(["init", "cpu"]);
    expect(answer.info.name).toBe("cpu");
    expect(stderr).toBe("");
  });
});

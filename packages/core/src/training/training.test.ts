import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { bundleForChild } from "../../test/childBundle";
import { contents, countingRun } from "../../test/countingRun";
import { initBackend, RunDirectory, type SymgradError, trainLoop } from "../index";

const STEPS = 30;
let folder: string;
let expected: Record<string, string>;
let counter = 0;
const fresh = () => join(folder, `run-${counter++}`);

beforeAll(async () => {
  await initBackend({ backend: "cpu" });
  folder = await fs.mkdtemp(join(tmpdir(), "symgrad-training-"));
  const path = fresh();
  await countingRun({ path, steps: STEPS });
  expected = await contents(path);
});
afterAll(() => fs.rm(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const failure = (promise: Promise<unknown>): Promise<SymgradError> =>
  promise.then(
    () => expect.fail("it should have failed"),
    (error) => error,
  );

/** Options of a loop that does nothing. */
const idle = (run: RunDirectory) => ({
  run,
  steps: 10,
  step: async (i: number) => ({ loss: i }) as Record<string, number>,
  checkpointEvery: 4,
  checkpoint: (step: number) => run.saveCheckpoint(step, { files: {}, state: { step } }),
});

describe("an uninterrupted run", () => {
  test("leaves its configuration, a line every third step and the last, the newest two checkpoints", () => {
    expect(Object.keys(expected).sort()).toEqual([
      "checkpoints/step-000028/ballast",
      "checkpoints/step-000028/checkpoint.json",
      "checkpoints/step-000028/model.safetensors",
      "checkpoints/step-000030/ballast",
      "checkpoints/step-000030/checkpoint.json",
      "checkpoints/step-000030/model.safetensors",
      "config.json",
      "metrics.jsonl",
    ]);
    const steps = expected["metrics.jsonl"]!.trim()
      .split("\n")
      .map((line) => JSON.parse(line).step);
    expect(steps).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30]);
  });

  test("can be opened and read, and goes on to a later last step", async () => {
    const path = fresh();
    await countingRun({ path, steps: 8 });
    const run = await RunDirectory.open(path);
    expect(run.config).toEqual({ steps: 8 });
    expect(await run.latestCheckpoint()).toMatchObject({ step: 8, state: { sum: expect.any(Number) } });
    expect((await run.readMetrics()).map(({ step }) => step)).toEqual([3, 6, 8]);
  });
});

test("a checkpoint by the clock: at the first step that ends late enough after the last one", async () => {
  const run = await RunDirectory.create(fresh(), {});
  let clock = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  const saved: number[] = [];
  await trainLoop({
    ...idle(run),
    checkpointEvery: 8,
    checkpointSeconds: 250,
    step: async (i) => {
      clock += 100_000;
      return { loss: i };
    },
    checkpoint: async (step) => void saved.push(step),
  });
  // By the clock after 3, 6 and, as 8 is due by count, not before the end again.
  expect(saved).toEqual([3, 6, 8, 10]);
});

describe("killed and resumed", () => {
  test("SIGKILL at any moment, again and again, ends with the same files", async () => {
    const child = await bundleForChild("killedRun.child.ts");
    try {
      const path = fresh();
      let done = 0;
      let kills = 0;
      for (const wait of [0, 1, 2, 4, 7, 11]) {
        // Every life gets 4 steps beyond its start, then `wait` ms: the kills fall before, in and after a checkpoint.
        const { signal, last } = await life(child.path, path, (seen) => seen === 4, wait);
        if (signal === null) break;
        kills += 1;
        done = last;
        const run = await RunDirectory.open(path);
        expect((await run.latestCheckpoint())?.step ?? 0).toBeGreaterThanOrEqual(done - (done % 4));
      }
      expect(kills).toBeGreaterThanOrEqual(5);
      const { code } = await life(child.path, path, () => false, 0);
      expect(code).toBe(0);
      expect(await contents(path)).toEqual(expected);
    } finally {
      await fs.rm(child.folder, { recursive: true });
    }
  });

  function life(script: string, path: string, enough: (steps: number) => boolean, wait: number) {
    return new Promise<{ code: number | null; signal: string | null; last: number }>((resolve, reject) => {
      const child = spawn(process.execPath, [script, path, String(STEPS)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let seen = 0;
      let last = 0;
      child.stdout.on("data", (text: Buffer) => {
        for (const line of text.toString().trim().split("\n")) {
          last = Number(line);
          seen += 1;
          if (enough(seen)) setTimeout(() => child.kill("SIGKILL"), wait);
        }
      });
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, last }));
    });
  }

  test("death at each single file operation leaves a folder that goes on to the same files", async () => {
    const steps = 9;
    const whole = fresh();
    await countingRun({ path: whole, steps });
    const wanted = await contents(whole);
    let finished = false;
    let deaths = 0;
    for (let operation = 1; !finished; operation++) {
      const path = fresh();
      const revive = dieAt(operation);
      finished = await countingRun({ path, steps }).then(
        () => true,
        (error: Error) => {
          if (!/killed/.test(String(error.message))) throw error;
          return false;
        },
      );
      revive();
      deaths += finished ? 0 : 1;
      await countingRun({ path, steps });
      expect(await contents(path), `death at operation ${operation}`).toEqual(wanted);
      await fs.rm(path, { recursive: true });
    }
    expect(deaths).toBeGreaterThan(30);
  });

  /** From the n-th file operation on nothing reaches the disk any more; a write is cut in the middle. */
  function dieAt(operation: number): () => void {
    let count = 0;
    const alive = () => {
      count += 1;
      return count < operation;
    };
    const killed = () => Object.assign(new Error("killed"), { code: "killed" });
    const { open } = fs;
    for (const name of ["rename", "rm", "mkdir"] as const) {
      const original = fs[name] as (...args: unknown[]) => Promise<undefined>;
      vi.spyOn(fs, name).mockImplementation(async (...args: unknown[]) => {
        if (!alive()) throw killed();
        return original(...args);
      });
    }
    vi.spyOn(fs, "open").mockImplementation(async (...args) => {
      if (!alive()) throw killed();
      const file = await open(...args);
      const write = file.writeFile.bind(file);
      file.writeFile = async (data) => {
        if (alive()) return write(data);
        if (count === operation) await write((data as string).slice(0, data.length >> 1));
        throw killed();
      };
      file.truncate = async () => {
        throw killed();
      };
      return file;
    });
    return () => void vi.restoreAllMocks();
  }
});

describe("an abort", () => {
  test("finishes the step, writes a checkpoint and throws E_ABORT; resuming ends with the same files", async () => {
    const path = fresh();
    const stop = new AbortController();
    const onStep = (step: number) => step === 14 && stop.abort();
    const error = await failure(countingRun({ path, steps: STEPS, signal: stop.signal, onStep }));
    expect(error).toMatchObject({ code: "E_ABORT", hint: expect.stringContaining("resume") });
    expect(error.message).toContain("after step 14 of 30");
    expect((await (await RunDirectory.open(path)).latestCheckpoint())?.step).toBe(14);
    await countingRun({ path, steps: STEPS });
    const after = await contents(path);
    expect(after).toEqual(expected);
  });

  test("before the first step leaves a checkpoint of step 0", async () => {
    const path = fresh();
    await failure(countingRun({ path, steps: STEPS, signal: AbortSignal.abort() }));
    expect((await (await RunDirectory.open(path)).latestCheckpoint())?.step).toBe(0);
    await countingRun({ path, steps: STEPS });
    expect(await contents(path)).toEqual(expected);
  });

  test("by a timer gets its turn though no step ever waits", async () => {
    const run = await RunDirectory.create(fresh(), {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const options = { ...idle(run), steps: 1e9, logEvery: 1e9, checkpointEvery: 1e9, signal: stop.signal };
    expect(await failure(trainLoop(options))).toMatchObject({ code: "E_ABORT" });
  });
});

describe("what is half-written", () => {
  test("is passed over when opening, and removed by the first write", async () => {
    const path = fresh();
    await countingRun({ path, steps: 8 });
    const checkpoints = join(path, "checkpoints");
    await fs.mkdir(join(checkpoints, "step-000099"));
    await fs.writeFile(join(checkpoints, "step-000099", "model.safetensors"), "half");
    await fs.cp(join(checkpoints, "step-000008"), join(checkpoints, "step-000050"), { recursive: true });
    await fs.mkdir(join(checkpoints, ".step-000012.building"));
    await fs.truncate(join(checkpoints, "step-000008", "model.safetensors"), 100);
    await fs.writeFile(join(path, ".config.json.tmp-1-1"), "{");
    await fs.appendFile(join(path, "metrics.jsonl"), '{"loss":1,"st');
    const before = await contents(path);
    const run = await RunDirectory.open(path);
    expect((await run.latestCheckpoint())?.step).toBe(4);
    expect((await run.readMetrics()).map(({ step }) => step)).toEqual([3, 6, 8]);
    expect(await contents(path)).toEqual(before);
    expect(await run.prepareToWrite()).toMatchObject({ step: 3 });
    expect(await fs.readdir(checkpoints)).toEqual(["step-000004"]);
    expect((await fs.readdir(path)).sort()).toEqual(["checkpoints", "config.json", "metrics.jsonl"]);
    expect((await run.readMetrics()).map(({ step }) => step)).toEqual([3]);
  });

  test("a full disk: E_DISK, the checkpoint before remains and nothing else", async () => {
    const run = await RunDirectory.create(fresh(), {});
    await run.saveCheckpoint(1, { files: { a: Uint8Array.of(1) }, state: {} });
    const { open } = fs;
    vi.spyOn(fs, "open").mockImplementation(async (...args) => {
      const file = await open(...args);
      file.writeFile = async () => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      };
      return file;
    });
    const contents = { files: { a: Uint8Array.of(2) }, state: {} };
    expect(await failure(run.saveCheckpoint(2, contents))).toMatchObject({ code: "E_DISK" });
    expect(await failure(run.appendMetrics({ step: 2 }))).toMatchObject({ code: "E_DISK" });
    expect(await failure(RunDirectory.create(fresh(), {}))).toMatchObject({ code: "E_DISK" });
    vi.restoreAllMocks();
    expect(await fs.readdir(join(run.path, "checkpoints"))).toEqual(["step-000001"]);
    expect(await run.readMetrics()).toEqual([]);
    await run.close();
  });

  test("a checkpoint of the same step is replaced whole", async () => {
    const run = await RunDirectory.create(fresh(), {});
    await run.saveCheckpoint(1, { files: { a: Uint8Array.of(1), b: Uint8Array.of(1) }, state: 1 });
    await run.saveCheckpoint(1, { files: { a: Uint8Array.of(2) }, state: 2 });
    const latest = await run.latestCheckpoint();
    expect(latest?.state).toBe(2);
    expect((await fs.readdir(latest!.path)).sort()).toEqual(["a", "checkpoint.json"]);
  });
});

describe("bad input", () => {
  test("a run directory that is taken", async () => {
    const path = fresh();
    await fs.mkdir(path);
    await RunDirectory.create(path, { empty: "is fine" });
    const error = await failure(RunDirectory.create(path, {}));
    expect(error).toMatchObject({ code: "E_EXISTS", hint: expect.stringContaining("resume") });
    expect(error.message).toContain("config.json");
    expect(await failure(RunDirectory.create(join(path, "config.json"), {}))).toMatchObject({
      code: "E_EXISTS",
    });
    expect(await failure(RunDirectory.create(join(path, "config.json", "below"), {}))).toMatchObject({
      code: "E_FILE",
    });
  });

  test("what is no run directory", async () => {
    const path = fresh();
    expect(await failure(RunDirectory.open(path))).toMatchObject({ code: "E_FILE" });
    await fs.mkdir(path);
    expect((await failure(RunDirectory.open(path))).message).toMatch(/E_FORMAT .*holds no config.json/);
    await fs.writeFile(join(path, "config.json"), "[1");
    expect((await failure(RunDirectory.open(path))).message).toMatch(
      /E_FORMAT .*config.json is not a JSON object/,
    );
    expect((await failure(RunDirectory.open(join(path, "config.json")))).message).toMatch(/E_FORMAT/);
  });

  test("a broken line within metrics.jsonl is named", async () => {
    const run = await RunDirectory.create(fresh(), {});
    await fs.writeFile(join(run.path, "metrics.jsonl"), '{"step":1}\n{"step":\n{"step":3}\n');
    const error = await failure(run.appendMetrics({ step: 4 }));
    expect(error.message).toMatch(/E_FORMAT line 2 of .*metrics.jsonl/);
  });

  test("numbers and names that cannot be stored", async () => {
    const run = await RunDirectory.create(fresh(), {});
    const nan = Number.NaN;
    expect((await failure(RunDirectory.create(fresh(), { rate: nan }))).message).toMatch(
      /E_RANGE .*"rate" is NaN/,
    );
    expect((await failure(run.appendMetrics({ step: 1, loss: nan }))).message).toMatch(
      /E_RANGE .*"loss" is NaN/,
    );
    expect(await failure(run.appendMetrics({ step: 0.5 }))).toMatchObject({ code: "E_RANGE" });
    expect(await failure(run.saveCheckpoint(-1, { files: {}, state: 0 }))).toMatchObject({ code: "E_RANGE" });
    const deep = { optimizer: { rate: Number.POSITIVE_INFINITY } };
    expect((await failure(run.saveCheckpoint(1, { files: {}, state: deep }))).message).toMatch(
      /"rate" is Infinity/,
    );
    for (const name of ["../model", "a/b", "", ".hidden", "checkpoint.json", "a\\b"]) {
      const contents = { files: { [name]: Uint8Array.of(1) }, state: 0 };
      expect(await failure(run.saveCheckpoint(1, contents)), name).toMatchObject({ code: "E_NAME" });
    }
    expect(await run.latestCheckpoint()).toBeUndefined();
  });

  test("options of the loop", async () => {
    const run = await RunDirectory.create(fresh(), {});
    for (const wrong of [
      { steps: -1 },
      { steps: 1.5 },
      { startStep: 11 },
      { checkpointEvery: 0 },
      { checkpointSeconds: 0 },
      { logEvery: Number.NaN },
    ]) {
      const [name] = Object.keys(wrong);
      const error = await failure(trainLoop({ ...idle(run), ...wrong }));
      expect(error.code).toBe("E_RANGE");
      expect(error.message).toContain(`\`${name}\``);
    }
  });

  test("a loss that is not finite: the step, the last finite numbers and the checkpoint that remains", async () => {
    const run = await RunDirectory.create(fresh(), {});
    const step = async (i: number) => ({ loss: i < 6 ? 0.5 : Number.NaN, norm: 1 });
    const error = await failure(trainLoop({ ...idle(run), step }));
    expect(error).toMatchObject({ code: "E_RANGE", where: "step 7" });
    expect(error.message).toContain("loss is NaN at step 7");
    expect(error.message).toContain('of step 6, were {"loss":0.5,"norm":1}');
    expect(error.hint).toContain("the checkpoint of step 4 remains");
    expect((await run.latestCheckpoint())?.step).toBe(4);
    expect((await run.readMetrics()).at(-1)?.step).toBe(6);
  });

  test("an error of the step or the checkpoint passes through", async () => {
    const run = await RunDirectory.create(fresh(), {});
    const step = async () => {
      throw new TypeError("a bug");
    };
    expect(await failure(trainLoop({ ...idle(run), step }))).toBeInstanceOf(TypeError);
  });
});

test("progress tells the steps, the numbers and the time that is left", async () => {
  const run = await RunDirectory.create(fresh(), {});
  const seen: { step: number; secondsLeft: number }[] = [];
  const step = async (i: number) => {
    await new Promise((resolve) => setTimeout(resolve, i === 0 ? 600 : 10)); // the first one compiles
    return { loss: 1 };
  };
  await trainLoop({
    ...idle(run),
    step,
    checkpointEvery: 100,
    onProgress: (progress) => seen.push(progress),
  });
  expect(seen.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(seen[0]!.secondsLeft).toBeGreaterThan(5); // 9 steps like the first
  expect(seen[4]!.secondsLeft).toBeGreaterThan(0.045);
  expect(seen[4]!.secondsLeft).toBeLessThan(0.5);
  expect(seen[9]!.secondsLeft).toBe(0);
});

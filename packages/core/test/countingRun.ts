import fs from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadParameters, RunDirectory, readSafetensors, trainLoop } from "../src/index";

export interface CountingRunOptions {
  path: string;
  steps: number;
  /** Milliseconds that a step takes. */
  pause?: number;
  signal?: AbortSignal;
  onStep?: (step: number) => void;
}

/**
 * A training run whose numbers depend on every step before: x <- x * 0.9 + i, from a variable and a counter in the
 * checkpoint's state. Starts a run, or goes on with the one that is there.
 */
export async function countingRun({
  path,
  steps,
  pause = 0,
  signal,
  onStep,
}: CountingRunOptions): Promise<void> {
  const begun = await fs.access(join(path, "config.json")).then(
    () => true,
    () => false,
  );
  const run = begun ? await RunDirectory.open(path) : await RunDirectory.create(path, { steps });
  const x = tf.variable(tf.zeros([1000]));
  const ballast = new Uint8Array(200_000).fill(7);
  const parameters = new Map([["x", x]]);
  let sum = 0;
  const latest = await run.latestCheckpoint();
  if (latest) {
    const file = join(latest.path, "model.safetensors");
    loadParameters(parameters, await readSafetensors(file), { where: file });
    sum = latest.state.sum;
  }
  try {
    await trainLoop({
      run,
      steps,
      startStep: latest?.step ?? 0,
      async step(i) {
        const loss = tf.tidy(() => {
          x.assign(x.mul(0.9).add(i));
          return x.mean().dataSync()[0]!;
        });
        sum += loss;
        if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
        return { loss, sum };
      },
      checkpointEvery: 4,
      checkpoint: (step) =>
        run.saveCheckpoint(step, { files: { "model.safetensors": parameters, ballast }, state: { sum } }),
      logEvery: 3,
      onProgress: ({ step }) => onStep?.(step),
      ...(signal && { signal }),
    });
  } finally {
    x.dispose();
  }
}

/** All that a finished run leaves, times apart: file names, metrics and the bytes of its checkpoints. */
export async function contents(path: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  const names = (await fs.readdir(path, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  for (const entry of names) {
    const file = join(entry.parentPath, entry.name);
    const text = await fs.readFile(file, "latin1");
    result[file.slice(path.length + 1)] = text.replaceAll(/,?"seconds":[\d.e-]+/g, "");
  }
  return result;
}

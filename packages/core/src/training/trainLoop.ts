import { SymgradError } from "../errors";
import type { RunDirectory } from "./runDirectory";

/** What `onProgress` gets after every step. */
export interface TrainProgress {
  /** Finished steps. */
  step: number;
  /** Steps in the whole run. */
  steps: number;
  /** What the step returned. */
  metrics: Record<string, number>;
  /** Estimated seconds until the last step is done, from the speed of the last steps. */
  secondsLeft: number;
}

export interface TrainLoopOptions {
  run: RunDirectory;
  /** Steps in the whole run, those before `startStep` included. */
  steps: number;
  /** Steps finished earlier: the step of the checkpoint that was loaded, or 0. Default 0. */
  startStep?: number;
  /** Does step `i`, `startStep <= i < steps`, and returns its numbers. */
  step: (i: number) => Promise<Record<string, number>>;
  /** Steps between checkpoints; there is always one after the last step. */
  checkpointEvery: number;
  /** Also a checkpoint at the first step that ends this many seconds after the last one. Default: none by the clock. */
  checkpointSeconds?: number | undefined;
  /** Saves everything needed to go on after `step` finished steps, usually through `run.saveCheckpoint`. */
  checkpoint: (step: number) => Promise<void>;
  /** Steps between lines of `metrics.jsonl`; there is always one for the last step. Default 1. */
  logEvery?: number;
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Aborting finishes the step at hand, writes a checkpoint and throws `E_ABORT`. */
  signal?: AbortSignal | undefined;
}

const SPEED_WINDOW = 50; // steps
const LONGEST_HOLD = 25; // ms without giving timers and signals a turn

/**
 * Runs training steps, logs, checkpoints, and goes on after a kill as if nothing had happened: step `i` must depend on
 * `i` and the checkpointed state alone. A line of `metrics.jsonl` is `{ step, ...metrics, seconds }`, with `step`
 * counted from 1 and `seconds` spent in the run, earlier processes included.
 *
 * @throws SymgradError `E_ABORT` after an abort; `E_RANGE` if a number of a step is not finite (nothing of that step is
 *   saved, the checkpoint before remains) or an option is out of range; whatever `step` and `checkpoint` throw.
 */
export async function trainLoop(options: TrainLoopOptions): Promise<void> {
  const { run, steps, startStep = 0, checkpointEvery, logEvery = 1, signal } = options;
  checkCount("steps", steps, 0);
  checkCount("startStep", startStep, 0, steps);
  checkCount("checkpointEvery", checkpointEvery, 1);
  checkCount("logEvery", logEvery, 1);
  const { checkpointSeconds = Number.POSITIVE_INFINITY } = options;
  if (!(checkpointSeconds > 0)) {
    throw new SymgradError(
      "E_RANGE",
      `trainLoop: \`checkpointSeconds\` must be above 0, got ${checkpointSeconds}.`,
    );
  }
  const last = await run.prepareToWrite();
  const secondsBefore = typeof last?.seconds === "number" ? last.seconds : 0;
  const began = performance.now();
  const times = [began]; // when each of the last steps ended
  let saved = startStep > 0 ? startStep : -1;
  let savedAt = began;
  let turn = began;
  let finite: { step: number; metrics: Record<string, number> } | undefined;
  const save = async (step: number) => {
    if (saved === step) return;
    await options.checkpoint(step);
    saved = step;
    savedAt = performance.now();
  };
  try {
    for (let i = startStep; i < steps && !signal?.aborted; i++) {
      const metrics = await options.step(i);
      const step = i + 1;
      checkFinite(step, metrics, finite, saved);
      finite = { step, metrics };
      const now = performance.now();
      if (step % logEvery === 0 || step === steps) {
        const seconds = Math.round(secondsBefore * 1e3 + now - began) / 1e3;
        await run.appendMetrics({ ...metrics, step, seconds });
      }
      const due = now - savedAt >= checkpointSeconds * 1e3;
      if (step % checkpointEvery === 0 || step === steps || due) await save(step);
      // The first step includes tracing and compiling: it counts only while there is no other.
      if (times.length > SPEED_WINDOW || i === startStep + 1) times.shift();
      times.push(performance.now());
      const pace = (times.at(-1)! - times[0]!) / (times.length - 1);
      options.onProgress?.({ step, steps, metrics, secondsLeft: ((steps - step) * pace) / 1e3 });
      if (performance.now() - turn > LONGEST_HOLD) {
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
    }
    if (signal?.aborted) {
      const step = finite?.step ?? startStep;
      await save(step);
      throw new SymgradError("E_ABORT", `training was stopped after step ${step} of ${steps}.`, {
        where: run.path,
        hint: "a checkpoint was written; resume the run to go on from there",
        cause: signal.reason,
      });
    }
  } finally {
    await run.close();
  }
}

function checkFinite(
  step: number,
  metrics: Record<string, number>,
  before: { step: number; metrics: Record<string, number> } | undefined,
  saved: number,
): void {
  const wrong = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (wrong === undefined) return;
  const last = before
    ? `the last finite numbers, of step ${before.step}, were ${JSON.stringify(before.metrics)}`
    : "no step before it in this process was finite";
  throw new SymgradError(
    "E_RANGE",
    `training diverged: ${wrong[0]} is ${wrong[1]} at step ${step}; ${last}.`,
    {
      where: `step ${step}`,
      hint: `lower the learning rate or clip the gradients; ${
        saved > 0 ? `the checkpoint of step ${saved} remains` : "no checkpoint was written yet"
      }`,
    },
  );
}

function checkCount(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const wanted = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new SymgradError("E_RANGE", `trainLoop: \`${name}\` must be a whole number ${wanted}, got ${value}.`);
}

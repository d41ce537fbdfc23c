import { createHash } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import {
  AdamW,
  key,
  linearSchedule,
  loadParameters,
  permutation,
  type RandomKey,
  RunDirectory,
  readSafetensors,
  SymgradError,
  trainLoop,
} from "@symgrad/core";
import {
  constantTemperature,
  exponentialTemperature,
  type TemperatureRange,
  type TemperatureSchedule,
} from "@symgrad/gumbel";
import type { Registry } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { ARGUMENT_LOSSES, type ArgumentLossName } from "../losses/argumentLosses";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { createPretrainedReader } from "./createPretrainedReader";
import { answersOf, evaluateReader, type ReaderEvaluation, type ReaderExample } from "./evaluateReader";
import { compactFunctionRow } from "./functionRow";
import { createReader, type Reader } from "./reader";
import { type BatchShape, collateInputs, collateTargets, roundUp, smallestShape } from "./readerBatch";
import type { ReaderConfig } from "./readerConfig";
import { createReaderFeatures, type ReaderFeatures, type ReaderTargets } from "./readerFeatures";
import { createReaderStep, STEP_METRICS } from "./readerStep";
import { readerFiles, saveReader } from "./saveReader";
import { groupWindows, trainingWindow } from "./trainingWindow";

/** What training reports while it runs. */
export interface TrainReaderProgress {
  /** "prepare" counts examples made ready, "train" steps, "evaluate" examples scored. */
  phase: "prepare" | "train" | "evaluate";
  step: number;
  steps: number;
  /** The last step's numbers; empty outside of "train". */
  metrics: Record<string, number>;
  secondsLeft: number | undefined;
}

export interface TrainReaderOptions {
  data: readonly ReaderExample[];
  /** Scored after the last step, and every `evaluateEvery` steps. */
  evaluation?: readonly ReaderExample[] | undefined;
  /** The run directory; must not exist, or be empty, unless `resume`. */
  output: string;
  /** Knows the function. */
  registry?: Registry | undefined;
  /** Registered name. Default "symgrad.calculator.v1". */
  function?: string | undefined;
  /** `false`: the baseline that reads spans without a function. Default `true`. */
  calculator?: boolean | undefined;
  /** How to learn from the tuples that compute the answer. Default "mml". */
  argLoss?: ArgumentLossName | undefined;
  /** The encoder's shape; see `DEFAULT_READER_CONFIG`. */
  config?: Partial<ReaderConfig> | undefined;
  /**
   * A BERT or DistilBERT to start from, with its tokenizer: a folder as Hugging Face writes it, or a hub id. Default: an
   * encoder from nothing.
   */
  encoder?: string | undefined;
  /** Default: the vocabulary of the synthetic data. Not with `encoder`. */
  tokenizer?: DigitTokenizer | undefined;
  /** Default 1000. */
  steps?: number | undefined;
  /** Default 64. */
  batchSize?: number | undefined;
  /** Highest rate of AdamW. Default 3e-3, with `encoder` 1e-4. */
  learningRate?: number | undefined;
  /** Steps of linear rise. Default 100, or a tenth of the steps if that is less. */
  warmup?: number | undefined;
  /** Decoupled weight decay of matrices and tables. Default 0.01. */
  weightDecay?: number | undefined;
  /** Largest norm of all gradients together. Default 1. */
  clip?: number | undefined;
  /** Of the straight-through estimator: a number, a range that falls exponentially, or a schedule. Default 1. */
  temperature?: number | TemperatureRange | TemperatureSchedule | undefined;
  /** Names data order, first weights and noise. Default 0. */
  seed?: number | undefined;
  /** Continue the run in `output`. Default `false`. */
  resume?: boolean | undefined;
  /** Steps between checkpoints. Default 200. */
  checkpointEvery?: number | undefined;
  /** Also a checkpoint whenever this many seconds have passed since the last one. Default 300. */
  checkpointSeconds?: number | undefined;
  /** Steps between lines of metrics.jsonl. Default 10. */
  logEvery?: number | undefined;
  /** Steps between scorings of `evaluation`, written to metrics.jsonl; 0: only after the last step. Default 0. */
  evaluateEvery?: number | undefined;
  onProgress?: ((progress: TrainReaderProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface TrainReaderResult {
  /** The trained reader; the caller disposes it. */
  reader: Reader;
  /** The run directory. */
  output: string;
  steps: number;
  /** The last step's numbers. */
  metrics: Record<string, number>;
  /** Seconds of training in this call, without preparation and evaluation. */
  seconds: number;
  /** Of `evaluation`, where given. */
  evaluation?: ReaderEvaluation;
}

/**
 * Trains a reader, from nothing or on a pretrained encoder, and leaves it in the run directory. Everything random comes from `seed`: the same call
 * on the same backend gives the same weights, also when it was interrupted and resumed.
 *
 * @throws SymgradError `E_EXISTS` if the run directory is taken; `E_USAGE` for impossible options, or a run resumed with
 *   other options than it began with; `E_ABORT` after the checkpoint that `signal` asked for; `E_RANGE` if the loss is
 *   no longer a number.
 */
export async function trainReader(options: TrainReaderOptions): Promise<TrainReaderResult> {
  const settings = resolveSettings(options);
  const { steps, batchSize, seed } = settings;
  const schedule = linearSchedule({ peak: settings.learningRate, warmup: settings.warmup, total: steps });
  const temperature = temperatureSchedule(options.temperature ?? 1);
  const root = key(seed);
  const config: Partial<ReaderConfig> = {
    // Data with questions that nothing answers make a reader that may say so.
    ...(options.data.some(({ impossible }) => impossible) ? { no_answer: true } : {}),
    ...options.config,
    calculator: settings.calculator,
    function: settings.function,
  };
  const drawn = { registry: options.registry, key: root.fold("weights"), config };
  const reader =
    options.encoder === undefined
      ? createReader({ ...drawn, tokenizer: options.tokenizer })
      : await createPretrainedReader({ ...drawn, encoder: options.encoder });
  const optimizer = new AdamW({ parameters: reader.parameters(), weightDecay: settings.weightDecay });
  const step = createReaderStep(reader, optimizer, {
    argumentLoss: ARGUMENT_LOSSES[settings.argLoss],
    clip: settings.clip,
  });
  try {
    const runConfig = JSON.parse(
      JSON.stringify({ task: "qa", reader: reader.config, ...settings }),
    ) as object;
    const run = options.resume
      ? await resumeRun(options.output, runConfig)
      : await RunDirectory.create(options.output, runConfig);
    const checkpoint = options.resume ? await run.latestCheckpoint() : undefined;
    if (checkpoint) await restore(checkpoint.path, reader, optimizer);
    const count = options.data.length;
    const order = createOrder(root.fold("order"), count);
    const used = order(0, Math.min(count, steps * batchSize)).sort((a, b) => a - b);
    const prepared = await prepareExamples(reader, used, options).catch(async (error: unknown) => {
      // Data that cannot be trained on leaves no run behind; a run that was stopped here can be resumed.
      const stopped = error instanceof SymgradError && error.code === "E_ABORT";
      if (!options.resume && !stopped) await discardRun(options.output);
      throw error;
    });
    let metrics: Record<string, number> = {};

    const takeStep = async (index: number): Promise<Record<string, number>> => {
      const picked = order(index * batchSize, batchSize);
      const features = picked.map((i) => prepared.features[i]!);
      const targets = picked.map((i) => prepared.targets[i]!);
      const longest = features.reduce((most, { ids }) => Math.max(most, ids.length), 0);
      const shape = { ...prepared.shape, tokens: roundUp(longest, 8) };
      const tau = temperature(index);
      tf.tidy(() => reader.temperature.assign(tf.scalar(tau)));
      const inputs = collateInputs(features, shape, reader.batchOptions);
      const answers = collateTargets(features, targets, shape, { calculator: reader.layer !== undefined });
      const rate = tf.scalar(schedule(index));
      const result = await step(inputs, answers, root.fold("step").fold(index), rate);
      const values = await result.data();
      tf.dispose([inputs, answers, rate, result] as unknown as tf.TensorContainer);
      metrics = { learningRate: schedule(index), temperature: tau };
      for (const [i, name] of STEP_METRICS.entries()) metrics[name] = values[i]!;
      const done = index + 1;
      if (options.evaluation && options.evaluateEvery && done % options.evaluateEvery === 0 && done < steps) {
        const { f1, exactMatch, termAccuracy } = await evaluateReader(reader, options.evaluation);
        Object.assign(metrics, { f1, exactMatch }, termAccuracy === undefined ? {} : { termAccuracy });
      }
      return metrics;
    };

    const began = performance.now();
    await trainLoop({
      run,
      steps,
      startStep: checkpoint?.step ?? 0,
      step: takeStep,
      checkpointEvery: options.checkpointEvery ?? 200,
      checkpointSeconds: options.checkpointSeconds ?? 300,
      checkpoint: async (done) => {
        const files = { ...readerFiles(reader), "optimizer.safetensors": optimizer.state() };
        await run.saveCheckpoint(done, { files, state: { metrics } });
      },
      logEvery: options.logEvery ?? 10,
      ...(options.onProgress
        ? {
            onProgress: (progress: object) =>
              options.onProgress!({ phase: "train", ...progress } as TrainReaderProgress),
          }
        : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const seconds = (performance.now() - began) / 1000;
    await saveReader(reader, join(options.output, "reader"));
    const result: TrainReaderResult = { reader, output: options.output, steps, metrics, seconds };
    if (options.evaluation) {
      result.evaluation = await evaluateReader(reader, options.evaluation, {
        signal: options.signal,
        onProgress: (done, count) => report(options, "evaluate", done, count),
      });
    }
    return result;
  } catch (error) {
    reader.dispose();
    throw error;
  } finally {
    step.dispose();
    optimizer.dispose();
  }
}

interface Settings {
  /** Where the encoder came from; absent for one from nothing. */
  encoder?: string;
  function: string;
  calculator: boolean;
  argLoss: ArgumentLossName;
  steps: number;
  batchSize: number;
  learningRate: number;
  warmup: number;
  weightDecay: number;
  clip: number;
  temperature: number | TemperatureRange | "schedule";
  seed: number;
  examples: number;
  /** SHA-256 of passages, questions and answers: a resumed run must see the same data. */
  data: string;
}

function temperatureSchedule(
  temperature: number | TemperatureRange | TemperatureSchedule,
): TemperatureSchedule {
  if (typeof temperature === "function") return temperature;
  return typeof temperature === "number"
    ? constantTemperature(temperature)
    : exponentialTemperature(temperature);
}

function resolveSettings(options: TrainReaderOptions): Settings {
  const steps = options.steps ?? 1000;
  if (options.encoder !== undefined && options.tokenizer) {
    throw new SymgradError(
      "E_USAGE",
      "trainReader: `encoder` brings its own tokenizer; leave `tokenizer` out.",
    );
  }
  const settings: Settings = {
    ...(options.encoder === undefined ? {} : { encoder: options.encoder }),
    function: options.function ?? "symgrad.calculator.v1",
    calculator: options.calculator ?? true,
    argLoss: options.argLoss ?? "mml",
    steps,
    batchSize: options.batchSize ?? 64,
    learningRate: options.learningRate ?? (options.encoder === undefined ? 3e-3 : 1e-4),
    warmup: options.warmup ?? Math.min(100, Math.floor(steps / 10)),
    weightDecay: options.weightDecay ?? 0.01,
    clip: options.clip ?? 1,
    temperature: typeof options.temperature === "function" ? "schedule" : (options.temperature ?? 1),
    seed: options.seed ?? 0,
    examples: options.data.length,
    data: fingerprint(options.data),
  };
  if (options.data.length === 0)
    throw new SymgradError("E_USAGE", "trainReader: there is no example to train on.");
  if (!(settings.argLoss in ARGUMENT_LOSSES)) {
    throw new SymgradError(
      "E_NAME",
      `trainReader: \`argLoss\` must be one of ${Object.keys(ARGUMENT_LOSSES).join(", ")}, got "${settings.argLoss}".`,
    );
  }
  for (const name of ["steps", "batchSize"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) {
      throw new SymgradError(
        "E_RANGE",
        `trainReader: \`${name}\` must be a whole number above 0, got ${settings[name]}.`,
      );
    }
  }
  for (const name of ["learningRate", "clip"] as const) {
    if (!(settings[name] > 0)) {
      throw new SymgradError("E_RANGE", `trainReader: \`${name}\` must be above 0, got ${settings[name]}.`);
    }
  }
  return settings;
}

function fingerprint(data: readonly ReaderExample[]): string {
  const hash = createHash("sha256");
  for (const example of data) {
    hash.update(JSON.stringify([example.passage, example.question, ...answersOf(example)]));
  }
  return hash.digest("hex");
}

async function resumeRun(output: string, wanted: object): Promise<RunDirectory> {
  const run = await RunDirectory.open(output);
  const stored = flatten(run.config);
  const given = flatten(wanted);
  const differences = [...new Set([...Object.keys(stored), ...Object.keys(given)])].filter(
    (name) => stored[name] !== given[name],
  );
  if (differences.length > 0) {
    const list = differences.map((name) => `${name}: ${stored[name]} then, ${given[name]} now`).join("; ");
    throw new SymgradError("E_USAGE", `this run began with other options (${list}).`, {
      where: output,
      hint: "resume with the options it began with, or train into another directory",
    });
  }
  return run;
}

async function discardRun(output: string): Promise<void> {
  await rm(join(output, "config.json"), { force: true });
  await rmdir(output).catch(() => {}); // others' files stay
}

function flatten(value: unknown, path = ""): Record<string, string> {
  if (typeof value !== "object" || value === null) return { [path]: JSON.stringify(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, child]) => flatten(child, path === "" ? name : `${path}.${name}`)),
  ) as Record<string, string>;
}

async function restore(path: string, reader: Reader, optimizer: AdamW): Promise<void> {
  for (const [file, parameters] of [
    ["model.safetensors", reader.parameters()],
    ["optimizer.safetensors", optimizer.state()],
  ] as const) {
    const where = join(path, file);
    loadParameters(parameters, (await readSafetensors(where)).tensors, { where });
  }
}

interface PreparedExamples {
  /** By index into the data; holes where an example is never drawn. */
  features: ReaderFeatures[];
  targets: ReaderTargets[];
  shape: BatchShape;
}

/** Makes the examples of these indices ready. */
async function prepareExamples(
  reader: Reader,
  indices: readonly number[],
  options: TrainReaderOptions,
): Promise<PreparedExamples> {
  const features: ReaderFeatures[] = [];
  const targets: ReaderTargets[] = [];
  const count = indices.length;
  const portion = 256;
  for (let from = 0; from < count; from += portion) {
    const part = indices.slice(from, from + portion);
    const texts = await createReaderFeatures(
      part.map((index) => options.data[index]!),
      reader.featureOptions,
      (i) => `example ${part[i]} of the training data`,
    );
    for (const [i, windows] of groupWindows(texts, part.length).entries()) {
      const index = part[i]!;
      const answers = answersOf(options.data[index]!);
      const { window, targets: found } = trainingWindow(windows, answers, reader.featureOptions);
      const ready = window.features;
      targets[index] = found;
      if (ready.results) ready.results = compactFunctionRow(ready.results);
      features[index] = ready;
    }
    report(options, "prepare", from + part.length, count);
    // Lets timers and Ctrl-C in.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted)
      throw new SymgradError("E_ABORT", "training was stopped before its first step.");
  }
  const present = <T>(list: T[]) => indices.map((index) => list[index]!);
  return { features, targets, shape: smallestShape(present(features), present(targets)) };
}

function report(
  options: TrainReaderOptions,
  phase: "prepare" | "evaluate",
  step: number,
  steps: number,
): void {
  options.onProgress?.({ phase, step, steps, metrics: {}, secondsLeft: undefined });
}

/**
 * The stream of examples: one permutation per epoch, so that what a step sees depends on the step alone.
 */
function createOrder(root: RandomKey, count: number): (from: number, length: number) => number[] {
  let epoch = -1;
  let shuffled = new Int32Array();
  return (from, length) =>
    Array.from({ length }, (_, i) => {
      const position = from + i;
      const needed = Math.floor(position / count);
      if (needed !== epoch) {
        epoch = needed;
        shuffled = permutation(root.fold(epoch), count) as typeof shuffled;
      }
      return shuffled[position % count]!;
    });
}

import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import {
  AdamW,
  key,
  linearSchedule,
  loadParameters,
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
import { resumeRun } from "../internal/resumeRun";
import { ARGUMENT_LOSSES, type ArgumentLossName } from "../losses/argumentLosses";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { type AnswerHead, answerHeads } from "./answerHeads";
import { type BestReader, keepBest } from "./bestReader";
import { createPretrainedReader } from "./createPretrainedReader";
import { evaluateReader, type ReaderEvaluation, type ReaderExample } from "./evaluateReader";
import { evaluateTuned } from "./evaluateTuned";
import { loadReader } from "./loadReader";
import { createReader, type Reader, type ReaderLimits } from "./reader";
import { collateInputs, collateTargets, roundUp } from "./readerBatch";
import type { ReaderConfig } from "./readerConfig";
import { createAccumulatingStep, createReaderStep, STEP_METRICS } from "./readerStep";
import { readerFiles, saveLimits, saveReader } from "./saveReader";
import { type TrainedPart, trainedParameters } from "./trainedParameters";
import { createBatchOrder, createOrder, prepareTrainingData } from "./trainingData";
import { resolveSettings } from "./trainingSettings";
import type { GoldSpans, TrainedWindows } from "./trainingWindows";

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
  /**
   * Scored after the last step, and every `evaluateEvery` steps. Where some of it is impossible to answer, a reader that may
   * give no answer gets the threshold that is best on it (see `limits.noAnswerThreshold`, which is not tuned if given).
   */
  evaluation?: readonly ReaderExample[] | undefined;
  /** The run directory; must not exist, or be empty, unless `resume`. */
  output: string;
  /** Knows the function. */
  registry?: Registry | undefined;
  /** Registered name; of several functions, called one after another, their names. Default "symgrad.calculator.v1". */
  function?: string | readonly string[] | undefined;
  /** `false`: the baseline that reads spans without a function. Default `true`. */
  calculator?: boolean | undefined;
  /** How the reader may answer, "span" among them; data then has `golds`. Default: with one span. Not with `from`. */
  heads?: readonly AnswerHead[] | undefined;
  /** Which part learns: a curriculum trains "terms" first, then goes on `from` there. Default "all". */
  train?: TrainedPart | undefined;
  /** How to learn from the tuples that compute the answer. Default "mml". */
  argLoss?: ArgumentLossName | undefined;
  /**
   * What the gradient of the end loss is multiplied by where it reaches the choice, from 0 to 1. 0: what to ask is learned
   * from the argument loss alone. Default 1, as in the paper.
   */
  choiceGradient?: number | undefined;
  /**
   * Instead of sampling a choice, sum over this many of the most probable ones (the paper's equation 4): so many passes
   * over text and result, no noise. Default 0: sample.
   */
  marginal?: number | undefined;
  /** The encoder's shape; see `DEFAULT_READER_CONFIG`. */
  config?: Partial<ReaderConfig> | undefined;
  /**
   * A BERT or DistilBERT to start from, with its tokenizer: a folder as Hugging Face writes it, or a hub id. Default: an
   * encoder from nothing.
   */
  encoder?: string | undefined;
  /** A reader to go on from, as `loadReader` takes it: its shape, its words and its weights. Not with `encoder`. */
  from?: string | undefined;
  /** Default: the vocabulary of the synthetic data. Not with `encoder`. */
  tokenizer?: DigitTokenizer | undefined;
  /** Default 1000. */
  steps?: number | undefined;
  /** Examples of a batch. Default 64. */
  batchSize?: number | undefined;
  /** Batches whose mean gradient makes one step: as if the batch were so many times as large. Default 1. */
  accumulate?: number | undefined;
  /**
   * Sort this many batches by length together, so that little is padded; the share of padding is in the metrics. Batches
   * then hold questions of one length, which may be those of one kind. Default 1: do not sort.
   */
  buckets?: number | undefined;
  /** Highest rate of AdamW. Default 3e-3, with `encoder` 1e-4. */
  learningRate?: number | undefined;
  /** The same for the heads: what scores tuples and what finds spans. Default: `learningRate`. */
  headLearningRate?: number | undefined;
  /** Leave the embeddings and this many layers, from the lowest, as they are. Default: all learn. */
  freezeLayers?: number | undefined;
  /** Steps of linear rise. Default 100, or a tenth of the steps if that is less. */
  warmup?: number | undefined;
  /** Decoupled weight decay of matrices and tables. Default 0.01. */
  weightDecay?: number | undefined;
  /** Largest norm of all gradients together. Default 1. */
  clip?: number | undefined;
  /** Of the straight-through estimator: a number, a range that falls exponentially, or a schedule. Default 1. */
  temperature?: number | TemperatureRange | TemperatureSchedule | undefined;
  /**
   * Of a passage that is longer than the reader reads: "all" trains on every window with the answer and, where the reader
   * may give no answer, on every other one too, with no answer; "first" on the first window with the answer. Default "all".
   */
  windows?: TrainedWindows | undefined;
  /**
   * Which spans of the passage are the answer, where the data marks it (`spans`): "marked" those, "equal" all that equal it,
   * as without marks. Default "marked".
   */
  goldSpans?: GoldSpans | undefined;
  /** What the reader refuses or leaves out, such as the windows' length and overlap. Default: as `createReader` and `from` have it. */
  limits?: Partial<ReaderLimits> | undefined;
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
  /**
   * Steps between scorings of `evaluation`, written to metrics.jsonl; the reader with the highest F1 is kept in the run's
   * `best/`. 0: only after the last step, and none is kept. Default 0.
   */
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
  /** The highest F1 on the way, whose reader is in `best/` of the run directory; with `evaluateEvery`. */
  best?: BestReader;
  /** Examples whose answer stands neither in the text nor in a result: the end loss cannot learn from them. */
  uncovered: number;
  /** Examples with more numbers (or dates) in a window than `limits.quantities`: the ones beyond are no candidates. */
  pruned: number;
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
  const reader = await firstReader(options);
  try {
    return await train(reader, options);
  } catch (error) {
    reader.dispose();
    throw error;
  }
}

/** What training starts from. */
async function firstReader(options: TrainReaderOptions): Promise<Reader> {
  const { registry, encoder, tokenizer, from, limits } = options;
  if (from !== undefined) {
    const reader = await loadReader(from, { registry });
    Object.assign(reader.limits, limits);
    return reader;
  }
  const settings = resolveSettings(options);
  const config: Partial<ReaderConfig> = {
    // Data with questions that nothing answers make a reader that may say so.
    ...(options.data.some(({ impossible }) => impossible) ? { no_answer: true } : {}),
    ...options.config,
    ...(options.heads ? { heads: options.heads } : {}),
    calculator: settings.calculator,
    function: settings.function,
  };
  const drawn = { registry, key: key(settings.seed).fold("weights"), config, limits };
  return encoder === undefined
    ? createReader({ ...drawn, tokenizer })
    : createPretrainedReader({ ...drawn, encoder });
}

async function train(reader: Reader, options: TrainReaderOptions): Promise<TrainReaderResult> {
  const settings = resolveSettings(options, options.from === undefined ? undefined : reader.config);
  const { steps, batchSize, accumulate, buckets } = settings;
  const schedule = linearSchedule({ peak: settings.learningRate, warmup: settings.warmup, total: steps });
  const temperature = temperatureSchedule(options.temperature ?? 1);
  const root = key(settings.seed);
  const trained = trainedParameters(reader, settings);
  const headScale = settings.headLearningRate / settings.learningRate;
  const optimizer = new AdamW({
    parameters: trained.parameters,
    weightDecay: settings.weightDecay,
    rateScale: (name) => (trained.isHead(name) ? headScale : 1),
  });
  const stepOptions = {
    ...settings,
    argumentLoss: ARGUMENT_LOSSES[settings.argLoss],
    parameters: trained.parameters,
  };
  const step =
    accumulate === 1
      ? createReaderStep(reader, optimizer, stepOptions)
      : createAccumulatingStep(reader, optimizer, { ...stepOptions, count: accumulate });
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
    const drawn = Math.ceil((steps * accumulate) / buckets) * buckets * batchSize;
    const examples = createOrder(root.fold("order"), count)(0, Math.min(count, drawn));
    const prepared = await prepareTrainingData(
      reader,
      options.data,
      examples.sort((a, b) => a - b),
      {
        windows: settings.windows ?? "all",
        goldSpans: settings.goldSpans ?? "marked",
        onProgress: (done, all) => report(options, "prepare", done, all),
        signal: options.signal,
      },
    ).catch(async (error: unknown) => {
      // Data that cannot be trained on leaves no run behind; a run that was stopped here can be resumed.
      const stopped = error instanceof SymgradError && error.code === "E_ABORT";
      if (!options.resume && !stopped) await discardRun(options.output);
      throw error;
    });
    const batchOf = createBatchOrder({
      order: createOrder(root.fold("order"), prepared.features.length),
      batchSize,
      buckets,
      lengthOf: (index) => prepared.features[index]!.ids.length,
      root: root.fold("buckets"),
    });

    /** The tensors of a batch, and the share of its tokens that is padding. */
    const collate = (batch: number) => {
      const picked = batchOf(batch);
      const features = picked.map((i) => prepared.features[i]!);
      const targets = picked.map((i) => prepared.targets[i]!);
      const lengths = features.map(({ ids }) => ids.length);
      const tokens = roundUp(Math.max(...lengths), 8);
      const shape = { ...prepared.shape, tokens };
      return {
        inputs: collateInputs(features, shape, reader.batchOptions),
        answers: collateTargets(features, targets, shape, answerHeads(reader.config)),
        padding: 1 - lengths.reduce((a, b) => a + b, 0) / (tokens * lengths.length),
      };
    };
    const takeStep = async (index: number): Promise<Record<string, number>> => {
      tf.tidy(() => reader.temperature.assign(tf.scalar(temperature(index))));
      const stepKey = root.fold("step").fold(index);
      const rate = tf.scalar(schedule(index));
      const values = new Float64Array(STEP_METRICS.length);
      let padding = 0;
      for (let part = 0; part < accumulate; part++) {
        const { inputs, answers, padding: share } = collate(index * accumulate + part);
        const result =
          "add" in step
            ? await step.add(inputs, answers, stepKey.fold(part))
            : await step(inputs, answers, stepKey, rate);
        for (const [i, value] of (await result.data()).entries()) values[i]! += value / accumulate;
        padding += share / accumulate;
        tf.dispose([inputs, answers, result] as unknown as tf.TensorContainer);
      }
      if ("add" in step) {
        const norm = await step.update(rate);
        values[STEP_METRICS.indexOf("gradientNorm")] = (await norm.data())[0]!;
        norm.dispose();
      }
      rate.dispose();
      const metrics: Record<string, number> = {
        learningRate: schedule(index),
        temperature: temperature(index),
      };
      for (const [i, name] of STEP_METRICS.entries()) metrics[name] = values[i]!;
      return { ...metrics, padding };
    };

    // A threshold of "no answer" that was given is not tuned.
    const evaluate = options.limits?.noAnswerThreshold === undefined ? evaluateTuned : evaluateReader;
    let metrics: Record<string, number> = {};
    const bestFolder = join(options.output, "best");
    const began = performance.now();
    await trainLoop({
      run,
      steps,
      startStep: checkpoint?.step ?? 0,
      step: async (index) => {
        metrics = await takeStep(index);
        const done = index + 1;
        if (
          options.evaluation &&
          options.evaluateEvery &&
          done % options.evaluateEvery === 0 &&
          done < steps
        ) {
          const scores = await evaluate(reader, options.evaluation);
          for (const name of ["f1", "exactMatch", "termAccuracy"] as const) {
            if (scores[name] !== undefined) metrics[name] = scores[name];
          }
          await keepBest(bestFolder, reader, { ...scores, step: done });
        }
        return metrics;
      },
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
    const readerFolder = join(options.output, "reader");
    await saveReader(reader, readerFolder);
    const { uncovered, pruned } = prepared;
    const { output } = options;
    const result: TrainReaderResult = { reader, output, steps, metrics, seconds, uncovered, pruned };
    if (options.evaluation) {
      result.evaluation = await evaluate(reader, options.evaluation, {
        signal: options.signal,
        onProgress: (done, all) => report(options, "evaluate", done, all),
      });
      await saveLimits(reader, readerFolder);
      if (options.evaluateEvery) {
        result.best = await keepBest(bestFolder, reader, { ...result.evaluation, step: steps });
      }
    }
    return result;
  } finally {
    step.dispose();
    optimizer.dispose();
  }
}

function temperatureSchedule(
  temperature: number | TemperatureRange | TemperatureSchedule,
): TemperatureSchedule {
  if (typeof temperature === "function") return temperature;
  return typeof temperature === "number"
    ? constantTemperature(temperature)
    : exponentialTemperature(temperature);
}

async function discardRun(output: string): Promise<void> {
  await rm(join(output, "config.json"), { force: true });
  await rmdir(output).catch(() => {}); // others' files stay
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

function report(
  options: TrainReaderOptions,
  phase: "prepare" | "evaluate",
  step: number,
  steps: number,
): void {
  options.onProgress?.({ phase, step, steps, metrics: {}, secondsLeft: undefined });
}

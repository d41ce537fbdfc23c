import type {
  AnswerHead,
  ArgumentLossName,
  GoldSpans,
  PredictionScores,
  ReaderConfig,
  ReaderLimits,
  TrainedWindows,
  TrainingSettings,
} from "@symgrad/qa-model";
import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import {
  anyNumber,
  positiveNumber,
  probability,
  wholeNumber,
  withJson,
  withPlugins,
  withThreads,
} from "../options";
import { printResult, reserveStdout } from "../output";
import { ownCommand } from "../ownCommand";
import { percent, percentNumber } from "../percent";
import { createProgress, formatDuration } from "../progress";
import { showTraining } from "../trainingProgress";

interface Options {
  data: string;
  eval?: string;
  out: string;
  encoder?: string;
  function?: string[];
  plugin?: string[];
  from?: string;
  argLoss?: ArgumentLossName;
  calculator: boolean;
  answerHeads?: AnswerHead[];
  train?: "all" | "terms" | "reader";
  choiceGradient?: number;
  marginal?: number;
  steps?: number;
  batchSize?: number;
  accumulate?: number;
  buckets?: number;
  learningRate?: number;
  headLearningRate?: number;
  freezeLayers?: number;
  hidden?: number;
  layers?: number;
  heads?: number;
  windows?: TrainedWindows;
  goldSpans?: GoldSpans;
  windowTokens?: number;
  overlap?: number;
  nullThreshold?: number;
  seed?: number;
  checkpointEvery?: number;
  evaluateEvery?: number;
  threads?: number;
  resume?: boolean;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .requiredOption("--data <file>", "examples to learn from: JSON Lines, or a DROP, SQuAD or TAT-QA file")
    .option("--eval <file>", "examples to score at the end")
    .requiredOption("--out <dir>", "the run directory: settings, metrics, checkpoints, the trained reader")
    .option("--encoder <source>", "start from a BERT or DistilBERT: a Hugging Face folder, or a hub id")
    .option("--from <dir>", "go on from a trained reader: a run directory, or a saved reader");
  withPlugins(
    command.option(
      "--function <names>",
      "the function the reader calls, or several, separated by commas, one after another (default: symgrad.calculator.v1)",
      (names: string) => names.split(",").map((name) => name.trim()),
    ),
  )
    .addOption(
      new Option(
        "--arg-loss <name>",
        "how to learn from arguments that give the answer (default: mml)",
      ).choices(["mml", "bce", "hardEM", "topkMML", "none"]),
    )
    .option("--no-calculator", "read without a function, as a baseline")
    .option(
      "--answer-heads <names>",
      "how it may answer: span, multi-span, count, separated by commas (default: span)",
      (names: string) => names.split(",").map((name) => name.trim() as AnswerHead),
    )
    .addOption(
      new Option(
        "--train <part>",
        "what learns: which arguments to ask (terms), reading (reader), or both (default: all)",
      ).choices(["all", "terms", "reader"]),
    )
    .option(
      "--choice-gradient <r>",
      "how much of the end loss's gradient reaches the choice, 0 to 1 (default: 1)",
      probability,
    )
    .option(
      "--marginal <k>",
      "sum over the k most probable arguments instead of sampling (default: 0, sample)",
      wholeNumber(0),
    )
    .option("--steps <n>", "training steps (default: 1000)", wholeNumber(1))
    .option("--batch-size <n>", "examples a step (default: 64)", wholeNumber(1))
    .option("--accumulate <n>", "batches whose mean gradient makes one step (default: 1)", wholeNumber(1))
    .option(
      "--buckets <n>",
      "batches to sort by length together, so that less is padded (default: 1)",
      wholeNumber(1),
    )
    .option(
      "--learning-rate <r>",
      "highest learning rate (default: 0.003; with --encoder 0.0001)",
      positiveNumber,
    )
    .option("--head-learning-rate <r>", "the same for the heads (default: the encoder's)", positiveNumber)
    .option("--freeze-layers <n>", "leave the embeddings and the n lowest layers as they are", wholeNumber(0))
    .option("--layers <n>", "layers of the encoder (default: 3)", wholeNumber(1))
    .option("--hidden <n>", "width of the encoder (default: 64)", wholeNumber(1))
    .option("--heads <n>", "attention heads a layer (default: 4)", wholeNumber(1))
    .option(
      "--window-tokens <n>",
      "read long passages in windows of n tokens (default: what the encoder reads)",
      wholeNumber(8),
    )
    .option(
      "--overlap <n>",
      "tokens that a window has in common with the next one, at most half of them (default: 128)",
      wholeNumber(0),
    )
    .addOption(
      new Option(
        "--windows <which>",
        "of a long passage, train on all windows with the answer, and on the others as unanswerable where that is an answer; or on the first with the answer (default: all)",
      ).choices(["all", "first"]),
    )
    .addOption(
      new Option(
        "--gold-spans <which>",
        "the answer's places: as marked, where the data marks them, or all equal texts (default: marked)",
      ).choices(["marked", "equal"]),
    )
    .option(
      "--null-threshold <logit>",
      "give no answer where its logit is above the best span's by more than this (default: the best on --eval)",
      anyNumber,
    )
    .option("--seed <n>", "names first weights, noise and order of the data (default: 0)", wholeNumber(0))
    .option(
      "--checkpoint-every <n>",
      "steps between checkpoints (default: 200, or five minutes)",
      wholeNumber(1),
    )
    .option(
      "--evaluate-every <n>",
      "steps between scorings of --eval; the best reader is kept in best/ (default: only at the end)",
      wholeNumber(1),
    );
  withJson(withThreads(command))
    .option("--resume", "go on from the newest checkpoint; settings not given are those the run began with")
    .action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { initBackend } = await import("@symgrad/core");
  const { readExamples, trainReader } = await import("@symgrad/qa-model");
  const { loadRegistry } = await import("../loadRegistry");
  const registry = await loadRegistry(options.plugin);
  const began = options.resume ? await settingsOf(options.out) : undefined;
  const data = await readExamples(options.data);
  const evaluation = options.eval === undefined ? undefined : await readExamples(options.eval);
  await initBackend({ threads: options.threads });

  const progress = await createProgress();
  const result = await abortOnInterrupt(
    (signal) =>
      trainReader({
        data,
        evaluation,
        output: options.out,
        encoder: options.encoder ?? began?.encoder,
        from: options.from ?? began?.from,
        registry,
        function: options.function ?? began?.function,
        // Not given it is true, which says nothing.
        calculator: options.calculator ? began?.calculator : false,
        heads: options.answerHeads,
        train: options.train ?? began?.train,
        argLoss: options.argLoss ?? began?.argLoss,
        choiceGradient: options.choiceGradient ?? began?.choiceGradient,
        marginal: options.marginal ?? began?.marginal,
        // A reader to go on from brings its own shape.
        config: { ...((options.from ?? began?.from) ? {} : began?.reader), ...shapeOf(options) },
        steps: options.steps ?? began?.steps,
        batchSize: options.batchSize ?? began?.batchSize,
        accumulate: options.accumulate ?? began?.accumulate,
        buckets: options.buckets ?? began?.buckets,
        learningRate: options.learningRate ?? began?.learningRate,
        headLearningRate: options.headLearningRate ?? began?.headLearningRate,
        freezeLayers: options.freezeLayers ?? began?.freezeLayers,
        windows: options.windows ?? began?.windows,
        goldSpans: options.goldSpans ?? began?.goldSpans,
        limits: { ...began?.limits, ...limitsOf(options) },
        seed: options.seed ?? began?.seed,
        checkpointEvery: options.checkpointEvery,
        evaluateEvery: options.evaluateEvery,
        resume: options.resume,
        onProgress: showTraining(progress),
        signal,
      }),
    {
      stopping: "Stopping after this step, then writing a checkpoint",
      resume: resumeCommand(options),
    },
  ).finally(() => progress.stop());
  const { config, limits } = result.reader;
  const threshold = config.no_answer ? limits.noAnswerThreshold : null;
  result.reader.dispose();

  const { f1, exactMatch, termAccuracy, count } = result.evaluation ?? {};
  const scores = result.evaluation && { ...inPercent(result.evaluation), count };
  const { steps, seconds, metrics, uncovered, pruned, best } = result;
  const bestScores = best && { ...best, ...inPercent(best) };
  printResult(
    options.json,
    {
      runDirectory: options.out,
      steps,
      seconds,
      metrics,
      uncovered,
      pruned,
      noAnswerThreshold: threshold,
      evaluation: scores ?? null,
      best: bestScores ?? null,
    },
    () => {
      const lines = [`Trained ${steps} steps in ${formatDuration(seconds)}; the reader is in ${options.out}`];
      if (uncovered > 0) {
        lines.push(
          `${uncovered} of ${data.length} examples have an answer that stands neither in the text nor in a result.`,
        );
      }
      if (pruned > 0) {
        lines.push(
          `${pruned} of ${data.length} examples have more numbers than become arguments; the first ones count.`,
        );
      }
      if (scores) {
        lines.push(
          `F1 ${percent(f1)}, exact match ${percent(exactMatch)}, term accuracy ${percent(termAccuracy)} (${count} examples)`,
        );
      }
      if (threshold !== null) {
        lines.push(
          `No answer is given where its logit is above the best span's by more than ${threshold.toPrecision(4)}.`,
        );
      }
      if (best)
        lines.push(`Best on the way: F1 ${percent(best.f1)} at step ${best.step}, in ${options.out}/best`);
      return lines.join("\n");
    },
  );
}

function inPercent({ f1, exactMatch, termAccuracy }: PredictionScores) {
  return {
    f1: percentNumber(f1),
    exactMatch: percentNumber(exactMatch),
    termAccuracy: percentNumber(termAccuracy),
  };
}

/** The encoder's shape as far as the command line names it. */
function shapeOf({ hidden, layers, heads }: Options): Partial<ReaderConfig> {
  const shape: Partial<ReaderConfig> = {};
  if (hidden !== undefined) {
    // What follows from the width, in the library's own proportions.
    Object.assign(shape, { hidden_size: hidden, intermediate_size: 4 * hidden, pair_hidden: hidden });
  }
  if (layers !== undefined) shape.num_hidden_layers = layers;
  if (heads !== undefined) shape.num_attention_heads = heads;
  return shape;
}

/** The limits that the command line names. */
function limitsOf({ windowTokens, overlap, nullThreshold }: Options): Partial<ReaderLimits> {
  return {
    ...(windowTokens === undefined ? {} : { windowTokens }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(nullThreshold === undefined ? {} : { noAnswerThreshold: nullThreshold }),
  };
}

/** What `trainReader` wrote down when the run began. */
type RunSettings = Omit<TrainingSettings, "temperature"> & { reader: Partial<ReaderConfig> };

async function settingsOf(runDirectory: string): Promise<RunSettings> {
  const { RunDirectory } = await import("@symgrad/core");
  return (await RunDirectory.open(runDirectory)).config as unknown as RunSettings;
}

function resumeCommand({ data, eval: evaluation, out, plugin = [] }: Options): string {
  const words = [ownCommand(), "train qa --data", data, "--out", out];
  if (evaluation !== undefined) words.push("--eval", evaluation);
  for (const path of plugin) words.push("--plugin", path);
  return [...words, "--resume"].join(" ");
}

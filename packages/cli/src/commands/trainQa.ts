import type { ReaderConfig } from "@symgrad/qa-model";
import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { positiveNumber, wholeNumber, withJson, withPlugins, withThreads } from "../options";
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
  function?: string;
  plugin?: string[];
  argLoss?: "mml" | "bce" | "none";
  calculator?: false;
  steps?: number;
  batchSize?: number;
  learningRate?: number;
  hidden?: number;
  layers?: number;
  heads?: number;
  seed?: number;
  checkpointEvery?: number;
  threads?: number;
  resume?: boolean;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .requiredOption("--data <file>", "examples to learn from: JSON Lines, or a DROP, SQuAD or TAT-QA file")
    .option("--eval <file>", "examples to score at the end")
    .requiredOption("--out <dir>", "the run directory: settings, metrics, checkpoints, the trained reader")
    .option("--encoder <source>", "start from a BERT or DistilBERT: a Hugging Face folder, or a hub id");
  withPlugins(
    command.option("--function <name>", "the function the reader calls (default: symgrad.calculator.v1)"),
  )
    .addOption(
      new Option(
        "--arg-loss <name>",
        "how to learn from arguments that give the answer (default: mml)",
      ).choices(["mml", "bce", "none"]),
    )
    .addOption(new Option("--no-calculator", "read without a function, as a baseline").default(undefined))
    .option("--steps <n>", "training steps (default: 1000)", wholeNumber(1))
    .option("--batch-size <n>", "examples a step (default: 64)", wholeNumber(1))
    .option(
      "--learning-rate <r>",
      "highest learning rate (default: 0.003; with --encoder 0.0001)",
      positiveNumber,
    )
    .option("--layers <n>", "layers of the encoder (default: 3)", wholeNumber(1))
    .option("--hidden <n>", "width of the encoder (default: 64)", wholeNumber(1))
    .option("--heads <n>", "attention heads a layer (default: 4)", wholeNumber(1))
    .option("--seed <n>", "names first weights, noise and order of the data (default: 0)", wholeNumber(0))
    .option("--checkpoint-every <n>", "steps between checkpoints (default: 200)", wholeNumber(1));
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
        registry,
        function: options.function ?? began?.function,
        calculator: options.calculator ?? began?.calculator,
        argLoss: options.argLoss ?? began?.argLoss,
        config: { ...began?.reader, ...shapeOf(options) },
        steps: options.steps ?? began?.steps,
        batchSize: options.batchSize ?? began?.batchSize,
        learningRate: options.learningRate ?? began?.learningRate,
        seed: options.seed ?? began?.seed,
        checkpointEvery: options.checkpointEvery,
        resume: options.resume,
        onProgress: showTraining(progress),
        signal,
      }),
    {
      stopping: "Stopping after this step, then writing a checkpoint",
      resume: resumeCommand(options),
    },
  ).finally(() => progress.stop());
  result.reader.dispose();

  const { f1, exactMatch, termAccuracy, count } = result.evaluation ?? {};
  const scores = result.evaluation && {
    f1: percentNumber(f1),
    exactMatch: percentNumber(exactMatch),
    termAccuracy: percentNumber(termAccuracy),
    count,
  };
  const { steps, seconds, metrics } = result;
  printResult(
    options.json,
    { runDirectory: options.out, steps, seconds, metrics, evaluation: scores ?? null },
    () => {
      const lines = [`Trained ${steps} steps in ${formatDuration(seconds)}; the reader is in ${options.out}`];
      if (scores) {
        lines.push(
          `F1 ${percent(f1)}, exact match ${percent(exactMatch)}, term accuracy ${percent(termAccuracy)} (${count} examples)`,
        );
      }
      return lines.join("\n");
    },
  );
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

/** What `trainReader` wrote down when the run began. */
interface RunSettings {
  encoder?: string;
  reader: Partial<ReaderConfig>;
  function: string;
  calculator: boolean;
  argLoss: "mml" | "bce" | "none";
  steps: number;
  batchSize: number;
  learningRate: number;
  seed: number;
}

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

import { join, resolve } from "node:path";
import type { Prediction, ReaderEvaluation, SyntheticExample } from "@symgrad/qa-model";
import type { Command } from "commander";
import { describePrediction } from "../describePrediction";
import { abortOnInterrupt } from "../interrupt";
import { wholeNumber, withJson, withThreads } from "../options";
import { printResult, reserveStdout, say } from "../output";
import { percent, percentNumber } from "../percent";
import { createProgress, formatDuration } from "../progress";
import { showTraining } from "../trainingProgress";
import { type DemoSetting, demoSetting, fullSetting } from "./demoSetting";

interface Options {
  full?: boolean;
  seed: number;
  out?: string;
  resume?: boolean;
  threads?: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .option("--full", "the paper's own size, 10 people and 7 digits: takes hours")
    .option("--seed <n>", "names the data, the first weights and the noise", wholeNumber(0), 0)
    .option("--out <dir>", "the run directory (default: a new folder under ./runs)")
    .option("--resume", "with --out: go on with a demo that was stopped");
  withJson(withThreads(command)).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { initBackend } = await import("@symgrad/core");
  const setting = options.full ? fullSetting : demoSetting;
  const output = options.out ?? freshRunDirectory();
  const backend = await initBackend({ threads: options.threads });
  say(
    `Training a reader on ${backend.name} (${backend.threads} threads): ${setting.people} people, ` +
      `${setting.digits} digits, ${setting.steps} steps of ${setting.batchSize}. Run directory: ${output}`,
  );
  const outcome = await abortOnInterrupt((signal) => learn(setting, output, options, signal), {
    stopping: "Stopping after this step, then writing a checkpoint",
  }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "E_ABORT") {
      say(
        `Go on with: symgrad demo --out ${output} --seed ${options.seed}${options.full ? " --full" : ""} --resume`,
      );
    }
    throw error;
  });
  printResult(options.json, toDocument(setting, outcome), () => describe(setting, outcome));
}

interface Outcome {
  runDirectory: string;
  /** Training of the main reader. */
  seconds: number;
  untrained: ReaderEvaluation;
  trained: ReaderEvaluation;
  withoutCalculator: ReaderEvaluation;
  /** Questions that need the calculator, right or wrong. */
  examples: { example: SyntheticExample; prediction: Prediction }[];
}

async function learn(
  setting: DemoSetting,
  output: string,
  { seed, resume }: Options,
  signal: AbortSignal,
): Promise<Outcome> {
  const { key } = await import("@symgrad/core");
  const { createReader, evaluateReader, formatSyntheticLine, generateSynthetic, trainReader } = await import(
    "@symgrad/qa-model"
  );
  const { loadRegistry } = await import("../loadRegistry");
  const { writeLines } = await import("../writeLines");
  const { type, transfer, people, digits, examples, evaluationExamples, reader: config } = setting;
  const drawn = { type, transfer, people, digits, seed };
  const data = [...generateSynthetic({ ...drawn, count: examples })];
  const evaluation = [...generateSynthetic({ ...drawn, count: evaluationExamples, start: examples })];
  const registry = await loadRegistry();
  const progress = await createProgress();
  try {
    const beginner = createReader({ registry, config, key: key(seed).fold("weights") });
    const untrained = await evaluateReader(beginner, evaluation, { signal });
    beginner.dispose();

    const train = async (calculator: boolean, folder: string, what: string) => {
      const result = await trainReader({
        data,
        evaluation,
        output: folder,
        registry,
        calculator,
        config,
        steps: setting.steps,
        batchSize: setting.batchSize,
        learningRate: setting.learningRate,
        seed,
        resume: resume && (await isRun(folder)),
        onProgress: showTraining(progress, what),
        signal,
      });
      result.reader.dispose();
      return result.evaluation!;
    };
    const trained = await train(true, output, "");
    await writeLines(join(output, "evaluation.jsonl"), evaluation.map(formatSyntheticLine));
    const withoutCalculator = await train(false, join(output, "without-calculator"), "without calculator");

    return {
      runDirectory: output,
      seconds: await secondsOf(output),
      untrained,
      trained,
      withoutCalculator,
      examples: evaluation
        .map((example, i) => ({ example, prediction: trained.predictions[i]! }))
        .filter(({ example }) => example.arg_labels.length > 0)
        .slice(0, 3),
    };
  } finally {
    progress.stop();
  }
}

function freshRunDirectory(): string {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return join("runs", `demo-${stamp}`);
}

async function isRun(folder: string): Promise<boolean> {
  const { RunDirectory } = await import("@symgrad/core");
  return RunDirectory.open(folder).then(
    () => true,
    () => false,
  );
}

/** Of the whole training, the processes before a resume included. */
async function secondsOf(folder: string): Promise<number> {
  const { RunDirectory } = await import("@symgrad/core");
  const last = (await (await RunDirectory.open(folder)).readMetrics()).at(-1);
  return Number(last?.seconds ?? 0);
}

function toDocument(setting: DemoSetting, outcome: Outcome): object {
  const { type, transfer, people, digits } = setting;
  const { trained, untrained, withoutCalculator, seconds } = outcome;
  return {
    f1: percentNumber(trained.f1),
    termAccuracy: percentNumber(trained.termAccuracy),
    seconds,
    setting: { type, transfer, people, digits },
    untrained: { f1: percentNumber(untrained.f1), termAccuracy: percentNumber(untrained.termAccuracy) },
    withoutCalculator: { f1: percentNumber(withoutCalculator.f1) },
    examples: outcome.examples.map(({ example, prediction }) => ({
      passage: example.passage,
      question: example.question,
      gold: example.answer,
      ...prediction,
    })),
    runDirectory: resolve(outcome.runDirectory),
  };
}

function describe(setting: DemoSetting, outcome: Outcome): string {
  const { trained, untrained, withoutCalculator, seconds, examples, runDirectory } = outcome;
  const row = (name: string, f1: string, terms: string) =>
    `  ${name.padEnd(34)} ${f1.padStart(6)} ${terms.padStart(14)}`;
  const scores = (name: string, { f1, termAccuracy }: ReaderEvaluation) =>
    row(name, percent(f1), percent(termAccuracy));
  const lines = [
    `Who has how much after something was given away: ${setting.people} people, ${setting.digits} digits,`,
    `${trained.count} unseen questions, trained in ${formatDuration(seconds)}.`,
    "",
    row("", "F1", "term accuracy"),
    scores("untrained", untrained),
    scores("without a calculator, same budget", withoutCalculator),
    scores("with a calculator", trained),
  ];
  for (const { example, prediction } of examples) {
    lines.push("", `Passage:    ${example.passage}`, `Question:   ${example.question}`);
    lines.push(describePrediction(prediction), `Expected:   ${example.answer}`);
  }
  lines.push(
    "",
    `Run directory: ${runDirectory}`,
    `Score it again:  symgrad eval qa ${runDirectory} --data ${join(runDirectory, "evaluation.jsonl")}`,
  );
  return lines.join("\n");
}

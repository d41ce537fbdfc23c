import { join } from "node:path";
import { key, RunDirectory } from "@symgrad/core";
import {
  createReader,
  evaluateReader,
  formatSyntheticLine,
  generateSynthetic,
  type Prediction,
  type ReaderEvaluation,
  type SyntheticExample,
  type TrainingPreset,
  trainReader,
} from "@symgrad/qa-model";

import { loadRegistry } from "./loadRegistry";
import type { Progress } from "./progress";
import { showTraining } from "./trainingProgress";
import { writeLines } from "./writeLines";

/** What the demo learned. */
export interface DemoOutcome {
  runDirectory: string;
  /** Training of the main reader. */
  seconds: number;
  untrained: ReaderEvaluation;
  trained: ReaderEvaluation;
  withoutCalculator: ReaderEvaluation;
  /** Questions that need the calculator, right or wrong. */
  examples: { example: SyntheticExample; prediction: Prediction }[];
}

export interface LearnDemoOptions {
  seed: number;
  /** Go on with what is in `output`. */
  resume?: boolean | undefined;
  progress: Progress;
  signal: AbortSignal;
}

/**
 * Measures a reader before training, trains it, and trains the same reader without a calculator, with the same data
 * and budget. The run directory holds the reader with a calculator, the unseen questions (`evaluation.jsonl`), and the
 * other reader's run (`without-calculator`).
 *
 * @throws SymgradError `E_EXISTS` if `output` is taken; `E_ABORT` after the checkpoint that `signal` asked for.
 */
export async function learnDemo(
  setting: TrainingPreset,
  output: string,
  { seed, resume, progress, signal }: LearnDemoOptions,
): Promise<DemoOutcome> {
  const { type, transfer, people, digits, examples, evaluationExamples, reader: config } = setting;
  const drawn = { type, transfer, people, digits, seed };
  const data = [...generateSynthetic({ ...drawn, count: examples })];
  const evaluation = [...generateSynthetic({ ...drawn, count: evaluationExamples, start: examples })];
  const registry = await loadRegistry();
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
      argLoss: setting.argLoss,
      temperature: setting.temperature,
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
}

async function isRun(folder: string): Promise<boolean> {
  return RunDirectory.open(folder).then(
    () => true,
    () => false,
  );
}

/** Of the whole training, the processes before a resume included. */
async function secondsOf(folder: string): Promise<number> {
  const last = (await (await RunDirectory.open(folder)).readMetrics()).at(-1);
  return Number(last?.seconds ?? 0);
}

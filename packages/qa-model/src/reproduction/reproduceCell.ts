import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { Registry } from "@symgrad/symbolic-plugins";
import { generateSynthetic, type SyntheticExample } from "../data/generateSynthetic";
import {
  evaluateReader,
  type PredictionScores,
  type ReaderEvaluation,
  scorePredictions,
} from "../reader/evaluateReader";
import type { Reader } from "../reader/reader";
import { type TrainReaderProgress, trainReader } from "../reader/trainReader";
import { type ReferenceLevels, referenceLevels } from "./referenceLevels";
import { cellData, type ReproductionCell, type ReproductionScale } from "./reproductionCells";
import { isRun, secondsOf } from "./runState";

/** One training of one cell, as `result.json` of its run directory holds it. Scores on the scale 0 to 1. */
export interface ReproductionResult extends PredictionScores {
  table: ReproductionCell["table"];
  cell: string;
  seed: number;
  /** Everything that the result depends on beside the seed. */
  config: object;
  count: number;
  /** By the question's type, where several were mixed. */
  perType?: Record<string, PredictionScores & { count: number }>;
  /** Scored against the bias that training had, where it had one. */
  swapped?: PredictionScores & {
    perType?: Record<string, PredictionScores & { count: number }>;
    count: number;
  };
  /** Of the evaluation. */
  referenceLevels: ReferenceLevels;
  /** Of training, the processes before a resume included. */
  seconds: number;
  /** What it ran on when it ended. */
  hardware: object;
}

export interface ReproduceCellOptions {
  cell: ReproductionCell;
  scale: ReproductionScale;
  seed: number;
  /** The run directory: begun, gone on with, or, where it holds the result, only read. */
  output: string;
  registry: Registry;
  /** Needed where the scale wants a pretrained encoder: a folder or a hub id. */
  encoder?: string | undefined;
  /** Written to the result. */
  hardware: object;
  onProgress?: ((progress: TrainReaderProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Trains and scores one cell, or goes on where it was stopped: a checkpoint is written every five minutes.
 *
 * @returns The result, which then also stands in `result.json`; at once if it stood there before.
 * @throws SymgradError `E_USAGE` if the folder holds a run with other settings, or an encoder is missing; the errors of
 *   `trainReader`, `E_ABORT` after the checkpoint that `signal` asked for among them.
 */
export async function reproduceCell(options: ReproduceCellOptions): Promise<ReproductionResult> {
  const { cell, scale, seed, output } = options;
  const data = cellData(cell, scale);
  const config = cellConfig(cell, scale, options.encoder);
  const before = await readResult(output);
  if (before) {
    if (JSON.stringify(before.config) === JSON.stringify(config)) return before;
    throw new SymgradError(
      "E_USAGE",
      `${cell.table} ${cell.name}, seed ${seed}, was run with other settings.`,
      {
        where: output,
        hint: "name another folder, or remove this one to run it anew",
      },
    );
  }
  // Behind the training examples, where those are of the same stream.
  const drawn = {
    seed,
    count: scale.evaluationExamples,
    start: cell.table === "table4" ? 0 : scale.examples,
  };
  const evaluation = [...generateSynthetic({ ...data.evaluation, ...drawn })];
  const { reader, evaluation: scores } = await trainReader({
    data: [...generateSynthetic({ ...data.training, seed, count: scale.examples })],
    evaluation,
    registry: options.registry,
    calculator: cell.calculator,
    encoder: options.encoder,
    config: scale.reader,
    argLoss: cell.argLoss ?? scale.argLoss,
    choiceGradient: cell.choiceGradient,
    steps: scale.steps,
    batchSize: scale.batchSize,
    learningRate: scale.learningRate,
    seed,
    output,
    resume: await isRun(output),
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const swapped = data.swapped ? [...generateSynthetic({ ...data.swapped, ...drawn })] : [];
  const result: ReproductionResult = {
    table: cell.table,
    cell: cell.name,
    seed,
    config,
    ...scored(reader, evaluation, scores!),
    ...(swapped.length > 0
      ? { swapped: scored(reader, swapped, await evaluateReader(reader, swapped)) }
      : {}),
    referenceLevels: referenceLevels(evaluation),
    seconds: await secondsOf(output),
    hardware: options.hardware,
  };
  reader.dispose();
  await writeFileAtomic(join(output, RESULT), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

const RESULT = "result.json";

/** The result of a run directory; undefined where there is none yet. */
export async function readResult(output: string): Promise<ReproductionResult | undefined> {
  const text = await readFile(join(output, RESULT), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ReproductionResult);
}

/** All that a result depends on beside its seed. */
function cellConfig(cell: ReproductionCell, scale: ReproductionScale, encoder: string | undefined): object {
  if (scale.pretrained !== (encoder !== undefined)) {
    throw new SymgradError(
      "E_USAGE",
      scale.pretrained
        ? `the ${scale.name} scale starts from a pretrained encoder, and none was given.`
        : `the ${scale.name} scale trains an encoder from nothing; it takes no pretrained one.`,
      scale.pretrained ? { hint: "name a Hugging Face folder of a BERT, such as MiniLM-L6-H384" } : {},
    );
  }
  const { examples, evaluationExamples, steps, batchSize, learningRate, reader } = scale;
  return {
    scale: scale.name,
    ...cellData(cell, scale),
    calculator: cell.calculator,
    ...(encoder === undefined ? { reader } : { encoder }),
    examples,
    evaluationExamples,
    steps,
    batchSize,
    learningRate,
    ...(cell.calculator ? { argLoss: cell.argLoss ?? scale.argLoss } : {}),
    ...(cell.choiceGradient === undefined ? {} : { choiceGradient: cell.choiceGradient }),
  };
}

function scored(
  reader: Reader,
  examples: readonly SyntheticExample[],
  { predictions, f1, exactMatch, termAccuracy, count }: ReaderEvaluation,
): Pick<ReproductionResult, "f1" | "exactMatch" | "termAccuracy" | "count" | "perType"> {
  const whole = { f1, exactMatch, ...(termAccuracy === undefined ? {} : { termAccuracy }), count };
  const types = [...new Set(examples.map(({ type }) => type))].sort();
  if (types.length === 1) return whole;
  const perType = types.map((type) => {
    const indices = [...examples.keys()].filter((i) => examples[i]!.type === type);
    const own = indices.map((i) => examples[i]!);
    const scores = scorePredictions(
      own,
      indices.map((i) => predictions[i]!),
      reader,
    );
    return [type, { ...scores, count: own.length }];
  });
  return { ...whole, perType: Object.fromEntries(perType) };
}

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { Registry } from "@symgrad/symbolic-plugins";
import { dropExamples } from "../data/datasetExamples";
import type { QaExample } from "../data/parseExample";
import type { DropQuestion } from "../data/readDrop";
import { selectSubtractionQuestions } from "../data/selectSubtraction";
import { type SwappedQuestion, swapComparedNumbers } from "../data/swapNumbers";
import { dropMetrics } from "../metrics/dropMetrics";
import { type TrainReaderProgress, trainReader } from "../reader/trainReader";
import { isRun, secondsOf } from "./runState";

/** A cell of table 1 on DROP. */
export interface DropCell {
  readonly name: string;
  /** `false`: the baseline that reads spans without a function, which is the paper's. */
  readonly calculator: boolean;
  /** Percent, from another training set; absent for the cell that the paper does not have. */
  readonly paper?: { readonly f1: number; readonly swapped: number };
}

export const DROP_CELLS: readonly DropCell[] = [
  { name: "drop-baseline", calculator: false, paper: { f1: 79.4, swapped: 20.2 } },
  { name: "drop", calculator: true },
];

export interface ReproduceDropCellOptions {
  cell: DropCell;
  /** Questions to be scored on; without `train`, also those to learn from, other passages than the ones scored. */
  data: readonly DropQuestion[];
  /** Questions to learn from. */
  train?: readonly DropQuestion[] | undefined;
  /** Without `train`: into how many parts the passages are divided, each scored after learning from the others. Default 5. */
  folds?: number | undefined;
  /** A pretrained BERT. */
  encoder: string;
  steps: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  /** Holds a run directory for each fold. */
  output: string;
  registry: Registry;
  hardware: object;
  onProgress?: ((progress: TrainReaderProgress, fold: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Table 1 on DROP, on the scale 0 to 1. */
export interface DropResult {
  cell: string;
  seed: number;
  config: object;
  /** DROP F1 of comparison questions as they are. */
  f1: number;
  exactMatch: number;
  /** The same with the two compared numbers in each other's place, and the other answer. */
  swapped: { f1: number; exactMatch: number };
  /** Comparison questions, each scored once. */
  count: number;
  /** Share of answers that stay the same although the numbers changed places. */
  unmoved: number;
  /** Questions learned from, on average over the folds. */
  trained: number;
  seconds: number;
  hardware: object;
}

/** What one fold says; written to its run directory. */
interface FoldScores {
  answers: [asIs: string, swapped: string][];
  ids: string[];
  trained: number;
  seconds: number;
}

/**
 * Trains on questions that one subtraction answers and scores comparison questions as they are and with their numbers
 * swapped: the paper's table 1, where a model that guesses falls from 79.4 to 20.2. Goes on where it was stopped.
 *
 * @throws SymgradError `E_USAGE` if there is no such question, or a fold has none to learn from; `trainReader`'s errors.
 */
export async function reproduceDropCell(options: ReproduceDropCellOptions): Promise<DropResult> {
  const { cell, data, seed, output, steps, batchSize, learningRate, encoder } = options;
  const folds = options.train ? 1 : (options.folds ?? 5);
  const config = {
    encoder,
    steps,
    batchSize,
    learningRate,
    folds,
    calculator: cell.calculator,
    data: fingerprint([...data, ...(options.train ?? [])]),
  };
  const before = await readDropResult(output);
  if (before) {
    if (JSON.stringify(before.config) === JSON.stringify(config)) return before;
    throw new SymgradError("E_USAGE", `table1 ${cell.name}, seed ${seed}, was run with other settings.`, {
      where: output,
      hint: "name another folder, or remove this one to run it anew",
    });
  }
  const passages = [...new Set(data.map(({ passage }) => passage))];
  const foldOf = new Map(passages.map((passage, i) => [passage, i % folds]));
  const questions = swapComparedNumbers(data);
  if (questions.length === 0) {
    throw new SymgradError("E_USAGE", "there is no comparison question whose two numbers are found.");
  }
  const scores: FoldScores[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const own = questions.filter(({ orig_passage: passage }) => foldOf.get(passage) === fold);
    const others = options.train ?? data.filter(({ passage }) => foldOf.get(passage) !== fold);
    scores.push(await runFold(options, fold, own, others));
  }
  const answers = new Map(
    scores.flatMap(({ ids, answers }) => ids.map((id, i) => [id, answers[i]!] as const)),
  );
  const metrics = questions.map(({ id, orig_answer: gold, other_answer: swappedGold }) => {
    const [asIs, swapped] = answers.get(id)!;
    return {
      asIs: dropMetrics(asIs, [gold]),
      swapped: dropMetrics(swapped, [swappedGold]),
      unmoved: asIs === swapped ? 1 : 0,
    };
  });
  const mean = (pick: (one: (typeof metrics)[number]) => number) =>
    metrics.reduce((sum, one) => sum + pick(one), 0) / metrics.length;
  const result: DropResult = {
    cell: cell.name,
    seed,
    config,
    f1: mean(({ asIs }) => asIs.f1),
    exactMatch: mean(({ asIs }) => asIs.exactMatch),
    swapped: { f1: mean(({ swapped }) => swapped.f1), exactMatch: mean(({ swapped }) => swapped.exactMatch) },
    count: questions.length,
    unmoved: mean(({ unmoved }) => unmoved),
    trained: scores.reduce((sum, { trained }) => sum + trained, 0) / folds,
    seconds: scores.reduce((sum, { seconds }) => sum + seconds, 0),
    hardware: options.hardware,
  };
  await writeFileAtomic(join(output, RESULT), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

const RESULT = "result.json";
const FOLD = "scores.json";

/** The result of a folder; undefined where there is none yet. */
export async function readDropResult(output: string): Promise<DropResult | undefined> {
  return readJson<DropResult>(join(output, RESULT));
}

async function runFold(
  { cell, seed, registry, encoder, steps, batchSize, learningRate, ...options }: ReproduceDropCellOptions,
  fold: number,
  questions: readonly SwappedQuestion[],
  others: readonly DropQuestion[],
): Promise<FoldScores> {
  const output = join(options.output, `fold-${fold}`);
  const before = await readJson<FoldScores>(join(output, FOLD));
  if (before) return before;
  const learned = selectSubtractionQuestions(others).map(({ question }) => question);
  if (learned.length === 0) {
    throw new SymgradError("E_USAGE", "there is no question to learn from that one subtraction answers.");
  }
  const { reader } = await trainReader({
    data: dropExamples(learned).filter((one): one is QaExample => one.answer !== undefined),
    output,
    registry,
    encoder,
    calculator: cell.calculator,
    argLoss: "bce",
    steps,
    batchSize,
    learningRate,
    seed,
    resume: await isRun(output),
    onProgress: (progress) => options.onProgress?.(progress, fold),
    signal: options.signal,
  });
  const answer = async (passage: (one: SwappedQuestion) => string) =>
    (await reader.predict(questions.map((one) => ({ passage: passage(one), question: one.question })))).map(
      (prediction) => prediction.answer,
    );
  const asIs = await answer((one) => one.orig_passage);
  const swapped = await answer((one) => one.other_passage);
  reader.dispose();
  const scores: FoldScores = {
    ids: questions.map(({ id }) => id),
    answers: asIs.map((one, i) => [one, swapped[i]!]),
    trained: learned.length,
    seconds: await secondsOf(output),
  };
  await writeFileAtomic(join(output, FOLD), `${JSON.stringify(scores)}\n`);
  return scores;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

function fingerprint(questions: readonly DropQuestion[]): string {
  const hash = createHash("sha256");
  for (const { id, passage, question } of questions) hash.update(JSON.stringify([id, passage, question]));
  return hash.digest("hex");
}

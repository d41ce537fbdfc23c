import { cpus } from "node:os";
import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import type { DropCell, ReproductionCell, ReproductionScale } from "@symgrad/qa-model";
import { Argument, type Command, Option } from "commander";
import { type DropRow, describeReproduction, reproductionDocument } from "../describeReproduction";
import { abortOnInterrupt } from "../interrupt";
import { positiveNumber, wholeNumber, withJson, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";
import { ownCommand } from "../ownCommand";
import { createProgress } from "../progress";
import { showTraining } from "../trainingProgress";

interface Options {
  cells?: string[];
  scale: ReproductionScale["name"];
  seeds?: number;
  out: string;
  encoder?: string;
  steps?: number;
  batchSize?: number;
  learningRate?: number;
  examples?: number;
  evaluationExamples?: number;
  data?: string;
  train?: string;
  folds?: number;
  show?: boolean;
  threads?: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .addArgument(
      new Argument("<table>", "which of the paper's tables").choices(["table1", "table3", "table4"]),
    )
    .option("--cells <names>", "the cells to train, with commas between (default: all of the table)", list)
    .addOption(
      new Option("--scale <name>", "small: 4 people, 3 digits, from nothing; paper: 10 people, 7 digits")
        .choices(["small", "paper"])
        .default("small"),
    )
    .option("--seeds <n>", "trainings of each cell (default: 3; at the paper's scale 1)", wholeNumber(1))
    .option(
      "--out <dir>",
      "holds a run directory for each training; what it holds is not run again",
      "reproduce",
    )
    .option(
      "--encoder <source>",
      "the pretrained BERT of the paper's scale and of DROP: a folder or a hub id",
    )
    .option("--steps <n>", "instead of the scale's training steps", wholeNumber(1))
    .option("--batch-size <n>", "instead of the scale's examples a step", wholeNumber(1))
    .option("--learning-rate <r>", "instead of the scale's highest learning rate", positiveNumber)
    .option("--examples <n>", "instead of the scale's training examples", wholeNumber(1))
    .option("--evaluation-examples <n>", "instead of the scale's evaluation examples", wholeNumber(1))
    .option(
      "--data <file>",
      "table1: a DROP file, whose comparison questions are scored, also with numbers swapped",
    )
    .option(
      "--train <file>",
      "table1: a DROP file to learn from (default: other passages of --data, in folds)",
    )
    .option("--folds <n>", "table1: parts that --data is divided into (default: 5)", wholeNumber(2))
    .option("--show", "train nothing: print what was run so far");
  withJson(withThreads(command)).action(run);
}

const list = (text: string) => text.split(",").filter((name) => name !== "");

async function run(table: ReproductionCell["table"], options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { DROP_CELLS, REPRODUCTION_SCALES, readDropResult, reproductionTable } = await import(
    "@symgrad/qa-model"
  );
  const scale = { ...REPRODUCTION_SCALES[options.scale], ...overrides(options) };
  const seeds = [...Array(options.seeds ?? scale.seeds).keys()];
  const wanted = await wantedCells(table, options);
  if (!options.show) await trainCells(wanted, scale, seeds, options, table);
  const rows = await reproductionTable(options.out, table, scale, seeds);
  const drop: DropRow[] = [];
  for (const cell of table === "table1" ? DROP_CELLS : []) {
    drop.push({ cell, result: await readDropResult(dropFolder(options.out, cell.name)) });
  }
  printResult(options.json, reproductionDocument(table, scale, rows, drop), () =>
    describeReproduction(table, scale, rows, drop),
  );
}

interface WantedCells {
  synthetic: ReproductionCell[];
  drop: DropCell[];
}

/** The cells that the command line names; without names those that can be run. */
async function wantedCells(table: ReproductionCell["table"], options: Options): Promise<WantedCells> {
  const { DROP_CELLS, selectCells } = await import("@symgrad/qa-model");
  const onDrop = table === "table1" ? DROP_CELLS : [];
  const named = options.cells?.filter((name) => !onDrop.some((cell) => cell.name === name));
  const synthetic = options.cells && named!.length === 0 ? [] : selectCells(table, named);
  const { data, encoder } = options;
  const runnable = data !== undefined && encoder !== undefined;
  const drop = onDrop.filter(({ name }) => options.cells?.includes(name) ?? runnable);
  if (drop.length > 0 && !runnable && !options.show) {
    throw new SymgradError("E_USAGE", "the cells on DROP need a DROP file and a pretrained encoder.", {
      hint: "give --data FILE and --encoder DIR; --train FILE too, where there is one",
    });
  }
  return { synthetic, drop };
}

async function trainCells(
  { synthetic, drop }: WantedCells,
  scale: ReproductionScale,
  seeds: readonly number[],
  options: Options,
  table: string,
): Promise<void> {
  const { initBackend } = await import("@symgrad/core");
  const { cellFolder, readDrop, reproduceCell, reproduceDropCell } = await import("@symgrad/qa-model");
  const { loadRegistry } = await import("../loadRegistry");
  const registry = await loadRegistry();
  const { name, threads } = await initBackend({ threads: options.threads });
  const hardware = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, threads, backend: name };
  const progress = await createProgress();
  const train = async (signal: AbortSignal) => {
    for (const cell of synthetic) {
      for (const seed of seeds) {
        await reproduceCell({
          cell,
          scale,
          seed,
          output: cellFolder(options.out, cell, scale, seed),
          registry,
          encoder: scale.pretrained ? options.encoder : undefined,
          hardware,
          onProgress: showTraining(progress, `${cell.name}, seed ${seed}`),
          signal,
        });
      }
    }
    for (const cell of drop) {
      await reproduceDropCell({
        cell,
        data: await readDrop(options.data!),
        train: options.train === undefined ? undefined : await readDrop(options.train),
        folds: options.folds,
        encoder: options.encoder!,
        steps: options.steps ?? 600,
        batchSize: options.batchSize ?? 8,
        learningRate: options.learningRate ?? 1e-4,
        seed: 0,
        output: dropFolder(options.out, cell.name),
        registry,
        hardware,
        onProgress: (state, fold) => showTraining(progress, `${cell.name}, fold ${fold}`)(state),
        signal,
      });
    }
  };
  await abortOnInterrupt(train, {
    stopping: "Stopping after this step, then writing a checkpoint",
    resume: `${ownCommand()} reproduce ${table} with the same options`,
  }).finally(() => progress.stop());
}

const dropFolder = (out: string, name: string) => join(out, "drop", `table1-${name}`);

/** What the command line says instead of the scale. */
function overrides(options: Options): Partial<ReproductionScale> {
  const { steps, batchSize, learningRate, examples, evaluationExamples } = options;
  const given = { steps, batchSize, learningRate, examples, evaluationExamples };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

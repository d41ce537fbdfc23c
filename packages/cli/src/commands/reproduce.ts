import { cpus } from "node:os";
import type { ReproductionScale } from "@symgrad/qa-model";
import { Argument, type Command, Option } from "commander";
import { describeReproduction, reproductionDocument } from "../describeReproduction";
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
  show?: boolean;
  threads?: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .addArgument(new Argument("<table>", "which of the paper's tables").choices(["table3", "table4"]))
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
    .option("--encoder <source>", "at the paper's scale: the pretrained BERT, a folder or a hub id")
    .option("--steps <n>", "instead of the scale's training steps", wholeNumber(1))
    .option("--batch-size <n>", "instead of the scale's examples a step", wholeNumber(1))
    .option("--learning-rate <r>", "instead of the scale's highest learning rate", positiveNumber)
    .option("--examples <n>", "instead of the scale's training examples", wholeNumber(1))
    .option("--evaluation-examples <n>", "instead of the scale's evaluation examples", wholeNumber(1))
    .option("--show", "train nothing: print what was run so far");
  withJson(withThreads(command)).action(run);
}

const list = (text: string) => text.split(",").filter((name) => name !== "");

async function run(table: "table3" | "table4", options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { REPRODUCTION_SCALES, cellFolder, reproduceCell, reproductionTable, selectCells } = await import(
    "@symgrad/qa-model"
  );
  const scale = { ...REPRODUCTION_SCALES[options.scale], ...overrides(options) };
  const seeds = [...Array(options.seeds ?? scale.seeds).keys()];
  const cells = selectCells(table, options.cells);
  if (!options.show) {
    const { initBackend } = await import("@symgrad/core");
    const { loadRegistry } = await import("../loadRegistry");
    const registry = await loadRegistry();
    const { name, threads } = await initBackend({ threads: options.threads });
    const hardware = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, threads, backend: name };
    const progress = await createProgress();
    await abortOnInterrupt(
      async (signal) => {
        for (const cell of cells) {
          for (const seed of seeds) {
            await reproduceCell({
              cell,
              scale,
              seed,
              output: cellFolder(options.out, cell, scale, seed),
              registry,
              encoder: options.encoder,
              hardware,
              onProgress: showTraining(progress, `${cell.name}, seed ${seed}`),
              signal,
            });
          }
        }
      },
      {
        stopping: "Stopping after this step, then writing a checkpoint",
        resume: `${ownCommand()} reproduce ${table} with the same options`,
      },
    ).finally(() => progress.stop());
  }
  const rows = await reproductionTable(options.out, table, scale, seeds);
  printResult(options.json, reproductionDocument(table, scale, rows), () =>
    describeReproduction(table, scale, rows),
  );
}

/** What the command line says instead of the scale. */
function overrides(options: Options): Partial<ReproductionScale> {
  const { steps, batchSize, learningRate, examples, evaluationExamples } = options;
  const given = { steps, batchSize, learningRate, examples, evaluationExamples };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

import { join } from "node:path";
import type { Command } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { wholeNumber, withJson, withThreads } from "../options";
import { printResult, reserveStdout, say } from "../output";
import { ownCommand } from "../ownCommand";
import { createProgress } from "../progress";

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
    .option("--full", "the paper's own size, 10 people and 7 digits: far longer")
    .option("--seed <n>", "names the data, the first weights and the noise", wholeNumber(0), 0)
    .option("--out <dir>", "the run directory (default: a new folder under ./runs)")
    .option("--resume", "with --out: go on with a demo that was stopped");
  withJson(withThreads(command)).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { initBackend } = await import("@symgrad/core");
  const { demoPreset, paperPreset } = await import("@symgrad/qa-model");
  const { learnDemo } = await import("../learnDemo");
  const { demoDocument, describeDemo } = await import("../describeDemo");
  const { seed, resume } = options;
  const setting = options.full ? paperPreset : demoPreset;
  const output = options.out ?? freshRunDirectory();
  const backend = await initBackend({ threads: options.threads });
  say(
    `Training on ${backend.name} (${backend.threads} threads): ${setting.people} people, ${setting.digits} digits, ` +
      `${setting.steps} steps of ${setting.batchSize}. Run directory: ${output}`,
  );
  const progress = await createProgress();
  const outcome = await abortOnInterrupt(
    (signal) => learnDemo(setting, output, { seed, resume, progress, signal }),
    {
      stopping: "Stopping after this step, then writing a checkpoint",
      resume: `${ownCommand()} demo${options.full ? " --full" : ""} --seed ${seed} --out ${output} --resume`,
    },
  ).finally(() => progress.stop());
  printResult(options.json, demoDocument(setting, outcome), () => describeDemo(setting, outcome));
}

function freshRunDirectory(): string {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return join("runs", `demo-${stamp}`);
}

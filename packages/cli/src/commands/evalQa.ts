import type { Command } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { openReader, type ReaderOptions } from "../openReader";
import { withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";
import { percent, percentNumber } from "../percent";
import { createProgress } from "../progress";

interface Options extends ReaderOptions {
  data: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "a run directory, a saved reader, or a Hugging Face model that answers questions")
    .requiredOption("--data <file>", "examples with answers: JSON Lines, or a DROP, SQuAD or TAT-QA file");
  withJson(withThreads(withPlugins(command))).action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { evaluateReader, readExamples } = await import("@symgrad/qa-model");
  const examples = await readExamples(options.data);
  const reader = await openReader(folder, options);
  const progress = await createProgress();
  const onProgress = (done: number, total: number) => progress.update({ label: "scoring", done, total });
  const { f1, exactMatch, termAccuracy, stageAccuracy, count } = await abortOnInterrupt(
    (signal) => evaluateReader(reader, examples, { onProgress, signal }),
    { stopping: "Stopping" },
  ).finally(() => progress.stop());
  reader.dispose();
  printResult(
    options.json,
    {
      f1: percentNumber(f1),
      exactMatch: percentNumber(exactMatch),
      termAccuracy: percentNumber(termAccuracy),
      ...(stageAccuracy ? { stageAccuracy: stageAccuracy.map(percentNumber) } : {}),
      count,
    },
    () =>
      [
        `F1             ${percent(f1)}`,
        `Exact match    ${percent(exactMatch)}`,
        `Term accuracy  ${percent(termAccuracy)}`,
        ...(stageAccuracy ? [`By function    ${stageAccuracy.map(percent).join(", ")}`] : []),
        `Examples       ${count}`,
      ].join("\n"),
  );
}

import type { Command } from "commander";
import { describeExplanation } from "../describeExplanation";
import { openReader, type ReaderOptions } from "../openReader";
import { withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends ReaderOptions {
  question: string;
  passage: string;
  html?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "a run directory, a saved reader, or a Hugging Face model that answers questions")
    .requiredOption("--question <text>", "what to find")
    .requiredOption("--passage <text>", "the text to read")
    .option("--html <file>", "write the explanation as a page, too");
  withJson(withThreads(withPlugins(command))).action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { writeFileAtomic } = await import("@symgrad/core");
  const { explainPrediction, renderExplanation } = await import("@symgrad/qa-model");
  const reader = await openReader(folder, options);
  const { question, passage } = options;
  const explanation = await explainPrediction(reader, { question, passage }).finally(() => reader.dispose());
  if (options.html !== undefined) await writeFileAtomic(options.html, renderExplanation(explanation));
  printResult(options.json, explanation, () => {
    const text = describeExplanation(explanation);
    return options.html === undefined ? text : `${text}\nThe page is ${options.html}`;
  });
}

import type { Command } from "commander";
import { describeExplanation } from "../describeExplanation";
import { withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  question: string;
  passage: string;
  html?: string;
  plugin?: string[];
  threads?: number;
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
  const { initBackend, writeFileAtomic } = await import("@symgrad/core");
  const { explainPrediction, loadReader, renderExplanation } = await import("@symgrad/qa-model");
  const { loadRegistry } = await import("../loadRegistry");
  const registry = await loadRegistry(options.plugin);
  await initBackend({ threads: options.threads });
  const reader = await loadReader(folder, { registry });
  const { question, passage } = options;
  const explanation = await explainPrediction(reader, { question, passage }).finally(() => reader.dispose());
  if (options.html !== undefined) await writeFileAtomic(options.html, renderExplanation(explanation));
  printResult(options.json, explanation, () => {
    const text = describeExplanation(explanation);
    return options.html === undefined ? text : `${text}\nThe page is ${options.html}`;
  });
}

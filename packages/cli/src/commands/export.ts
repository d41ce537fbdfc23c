import type { Command } from "commander";
import { openReader, type ReaderOptions } from "../openReader";
import { withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends ReaderOptions {
  out: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "a run directory, a saved reader, or a Hugging Face model that answers questions")
    .requiredOption(
      "--out <dir>",
      "where to write it: ONNX files beside the weights, settings and tokenizer",
    );
  withJson(withThreads(withPlugins(command))).action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { exportReader } = await import("@symgrad/qa-model");
  const reader = await openReader(folder, options);
  const { models, bytes, notes } = await exportReader(reader, options.out).finally(() => reader.dispose());
  const files = models.map(({ file }) => file);
  const differences = models.flatMap(({ checks }) => checks.map(({ difference }) => difference));
  const largestDifference = Math.max(...differences);
  printResult(options.json, { folder: options.out, files, bytes, largestDifference, notes }, () =>
    [
      `Exported to ${options.out}: ${files.join(", ")} (${(bytes / 1e6).toFixed(1)} MB with weights)`,
      `The files give the reader's numbers within ${largestDifference.toExponential(1)}`,
      ...notes.map((note) => `Note: ${note}`),
    ].join("\n"),
  );
}

import { basename } from "node:path";
import type { Command } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { openVectors, type VectorOptions, withVectors } from "../openVectors";
import { positiveNumber, wholeNumber, withJson } from "../options";
import { printResult, reserveStdout } from "../output";
import { createProgress } from "../progress";

interface Options extends VectorOptions {
  out: string;
  words?: string[];
  top: number;
  perplexity: number;
  iterations: number;
  seed: number;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    withVectors(command)
      .requiredOption("--out <file>", "the page to write: one HTML file that needs nothing else")
      .option("--words <word...>", "the words to show")
      .option("--top <n>", "show the first, most frequent n words", wholeNumber(1, 2000), 1000)
      .option("--perplexity <n>", "about how many neighbors count for each word", positiveNumber, 30)
      .option("--iterations <n>", "steps of the layout", wholeNumber(0), 1000)
      .option("--seed <n>", "draws the first places; the same seed gives the same file", wholeNumber(0), 0),
  ).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { out, words, top, perplexity, iterations, seed, json } = options;
  if (json) reserveStdout();
  const { key, writeFileAtomic } = await import("@symgrad/core");
  const { wordMap } = await import("@symgrad/embeddings");
  const vectors = await openVectors(file, words ? options : { ...options, limit: options.limit ?? top });
  const progress = await createProgress();
  const onProgress = (done: number, total: number) => progress.update({ label: "map", done, total });
  const settings = { words, top, perplexity, iterations, key: key(seed), title: basename(file), onProgress };
  const page = await abortOnInterrupt((signal) => wordMap(vectors, { ...settings, signal }), {
    stopping: "Stopping; nothing is written",
  }).finally(() => progress.stop());
  await writeFileAtomic(out, page);
  const count = words ? new Set(words).size : Math.min(top, vectors.size);
  printResult(json, { file: out, words: count }, () => `${count} words in ${out}: open it in a browser`);
}

import { once } from "node:events";
import type { Cooccurrences } from "@symgrad/embeddings";
import { type Command, InvalidArgumentError, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { type CorpusOptions, withCorpus, withCorpusOf } from "../openCorpus";
import { positiveNumber, wholeNumber, withJson } from "../options";
import { reserveStdout, say } from "../output";
import { createProgress } from "../progress";

interface Options extends CorpusOptions {
  train: string[];
  vocabFile: string;
  output: string;
  windowSize: number;
  symmetric: number;
  distanceWeighting: number;
  memory: number;
  temporaryFolder?: string;
  shard?: { index: number; count: number };
  json?: boolean;
}

export function define(command: Command): void {
  const flag = wholeNumber(0, 1);
  withPairCounting(command)
    .option("--train <file...>", "text to count: plain or .gz files, - for stdin", ["-"])
    .option(
      "--vocab-file <file>",
      "words and their counts, from embed vocab or GloVe's vocab_count",
      "vocab.txt",
    )
    .option("--output <file>", "where the records go, - for stdout", "-")
    .option("--symmetric <0|1>", "count words to the right as well as to the left", flag, 1)
    .option("--distance-weighting <0|1>", "a pair weighs 1 / distance; 0: 1", flag, 1)
    .option("--shard <i/n>", "count the i-th of n parts, from 1 on; embed merge adds them up", shardOf);
  for (const name of ["verbose", "max-product", "overflow-length", "overflow-file"]) {
    command.addOption(new Option(`--${name} <value>`).hideHelp()); // cooccur's, of no use here
  }
  withJson(withCorpus(command)).action(run);
}

/** What embed cooccur and embed glove have in common. */
export function withPairCounting(command: Command): Command {
  return command
    .option("--window-size <n>", "largest distance of two words", wholeNumber(1, 4096), 15)
    .option("--memory <gb>", "memory for counting, at most 2; more pairs go to disk", positiveNumber, 2)
    .option("--temporary-folder <folder>", "where they go (default: the system's)");
}

export function pairMemory(gigabytes: number): number {
  return Math.max(2 ** 20, Math.min(2, gigabytes) * 2 ** 30);
}

function shardOf(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index! >= 1 && index! <= count!) return { index: index! - 1, count: count! };
  throw new InvalidArgumentError("Expected a part and the number of parts, such as 1/4.");
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { countCooccurrences, loadVocabulary } = await import("@symgrad/embeddings");
  const { windowSize, temporaryFolder: folder, shard, output } = options;
  const vocabulary = await loadVocabulary(options.vocabFile);
  const progress = await createProgress();
  const settings = {
    ...{ windowSize, folder, shard, memory: pairMemory(options.memory) },
    ...{ symmetric: options.symmetric === 1, distanceWeighting: options.distanceWeighting === 1 },
  };
  await withCorpusOf(options.train, options, async (corpus) => {
    const counted = await abortOnInterrupt(
      (signal) =>
        countCooccurrences(corpus, vocabulary, settings, {
          signal,
          onProgress: ({ words, totalWords }) =>
            progress.update({ label: "counting", done: words, total: totalWords }),
        }),
      { stopping: "Stopping" },
    ).finally(() => progress.stop());
    try {
      await write(counted, output);
      if (options.json && output !== "-") {
        process.stdout.write(
          `${JSON.stringify({ file: output, records: counted.count, words: vocabulary.size })}\n`,
        );
      } else
        say(`${counted.count} records of ${vocabulary.size} words in ${output === "-" ? "stdout" : output}`);
    } finally {
      await counted.dispose();
    }
  });
}

async function write(counted: Cooccurrences, output: string): Promise<void> {
  const { saveCooccurrences, saveShard } = await import("@symgrad/embeddings");
  if (output.endsWith(".parquet")) return saveShard(counted, output);
  if (output !== "-") return saveCooccurrences(counted, output);
  for await (const piece of counted.records()) {
    if (!process.stdout.write(piece.slice())) await once(process.stdout, "drain");
  }
}

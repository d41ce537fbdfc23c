import type { Command } from "commander";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  output: string;
  temporaryFolder?: string;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    command
      .argument("<shards...>", "files of embed cooccur --shard i/n --output NAME.parquet, all n of them")
      .requiredOption("--output <file>", "where the sums go, as records of GloVe")
      .option(
        "--temporary-folder <folder>",
        "where DuckDB may put what finds no room in memory (default: the system's)",
      ),
  ).action(run);
}

async function run(shards: string[], options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { mergeShards, saveCooccurrences } = await import("@symgrad/embeddings");
  const { output, temporaryFolder: folder } = options;
  const merged = await mergeShards(shards, { folder });
  try {
    await saveCooccurrences(merged, output);
  } finally {
    await merged.dispose();
  }
  printResult(
    options.json,
    { file: output, records: merged.count, shards: shards.length },
    () => `${merged.count} records of ${shards.length} shards in ${output}`,
  );
}

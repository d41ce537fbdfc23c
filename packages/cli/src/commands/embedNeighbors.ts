import type { Command } from "commander";
import { describeNeighbors, openSearch, type SearchOptions, withSearch } from "../openSearch";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends SearchOptions {
  json?: boolean;
}

export function define(command: Command): void {
  withJson(withSearch(command).argument("<word...>", "whose nearest words are shown")).action(run);
}

async function run(file: string, words: string[], options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { neighbors } = await import("@symgrad/embeddings");
  const search = await openSearch(file, options);
  const rows = words.map((word) => ({ word, ...neighbors(search, word, options) }));
  printResult(options.json, { rows }, () =>
    rows.map((row) => `${row.word}\n${describeNeighbors(row).replace(/^/gm, "  ")}`).join("\n"),
  );
}

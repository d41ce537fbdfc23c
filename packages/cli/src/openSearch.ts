import { existsSync } from "node:fs";
import type { SearchResult, WordSearch } from "@symgrad/embeddings";
import type { Command } from "commander";
import { abortOnInterrupt } from "./interrupt";
import { openVectors, type VectorOptions, withVectors } from "./openVectors";
import { wholeNumber } from "./options";
import { createProgress } from "./progress";

/** How near words are found: the same options on every command that looks for them. */
export interface SearchOptions extends VectorOptions {
  count: number;
  among?: number;
  index?: string;
}

export function withSearch(command: Command): Command {
  return withVectors(command)
    .option("--count <n>", "how many words to show", wholeNumber(1, 5000), 10)
    .option("--among <n>", "answers are among the first, most frequent n words", wholeNumber(1))
    .option(
      "--index <file>",
      "search approximately, by a graph kept in this file; built if there is none, in minutes",
    );
}

/** Exact, which costs no more than reading the vectors; approximate with `--index`. */
export async function openSearch(file: string, options: SearchOptions): Promise<WordSearch> {
  const { ApproximateSearch, ExactSearch } = await import("@symgrad/embeddings");
  const vectors = await openVectors(file, options);
  const { index } = options;
  if (index === undefined) return new ExactSearch(vectors);
  if (existsSync(index)) return ApproximateSearch.load(vectors, index);
  const progress = await createProgress();
  const onProgress = (done: number, total: number) => progress.update({ label: "index", done, total });
  const search = await abortOnInterrupt(
    (signal) => ApproximateSearch.build(vectors, { onProgress, signal }),
    { stopping: "Stopping; no index is kept" },
  ).finally(() => progress.stop());
  await search.save(index);
  return search;
}

/** Near words as a table for people. */
export function describeNeighbors({ search, neighbors }: SearchResult): string {
  const width = Math.max(...neighbors.map(({ word }) => word.length), 0) + 2;
  const lines = neighbors.map(({ word, score }) => `${word.padEnd(width)}${score.toFixed(4)}`);
  return [...lines, `(${search} search)`].join("\n");
}

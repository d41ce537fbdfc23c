import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@symgrad/core";
import type { PredictionScores } from "./evaluateReader";
import type { Reader } from "./reader";
import { saveReader } from "./saveReader";

/** The best reader of a run so far; its files are in the run's `best/`. */
export interface BestReader extends PredictionScores {
  /** Finished steps. */
  step: number;
}

const SCORES = "scores.json";

/**
 * Keeps the reader in `folder` if none there has a higher F1; of equal ones the first stays.
 *
 * @returns The best now.
 */
export async function keepBest(
  folder: string,
  reader: Reader,
  { f1, exactMatch, termAccuracy, step }: BestReader,
): Promise<BestReader> {
  const before = await readBest(folder);
  if (before && (before.f1 > f1 || (before.f1 === f1 && before.step <= step))) return before;
  const scores = { step, f1, exactMatch, ...(termAccuracy === undefined ? {} : { termAccuracy }) };
  await saveReader(reader, folder);
  await writeFileAtomic(join(folder, SCORES), `${JSON.stringify(scores)}\n`);
  return scores;
}

async function readBest(folder: string): Promise<BestReader | undefined> {
  const text = await readFile(join(folder, SCORES), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as BestReader);
}

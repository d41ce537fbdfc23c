import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { EvaluationRow } from "@symgrad/embeddings";
import type { Command } from "commander";
import { openVectors, type VectorOptions, withVectors } from "../openVectors";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends VectorOptions {
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    withVectors(command).option(
      "--set <file>",
      'lines "w1 TAB w2 TAB score", or analogies as in questions-words.txt; may be repeated (default: those in $SYMGRAD_DATA/embeddings)',
      (file: string, before: string[] = []) => [...before, file],
    ),
  ).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { evaluateWordVectors } = await import("@symgrad/embeddings");
  const sets = options.set ?? (await knownSets());
  const rows = await evaluateWordVectors(await openVectors(file, options), sets);
  printResult(options.json, { rows }, () => describe(rows));
}

/** WordSim-353, SimLex-999 and the like (EN-*.txt) and Google's analogies, where SYMGRAD_DATA points at them. */
async function knownSets(): Promise<string[]> {
  const { SYMGRAD_DATA } = process.env;
  const folder = join(SYMGRAD_DATA ?? "", "embeddings");
  const files = SYMGRAD_DATA
    ? readdirSync(folder).filter((name) => /^(EN-.*|questions-words)\.txt$/.test(name))
    : [];
  if (files.length > 0) return files.sort().map((name) => join(folder, name));
  const { SymgradError } = await import("@symgrad/core");
  throw new SymgradError("E_USAGE", "no evaluation set is named.", {
    hint: "name one, --set questions-words.txt, or set SYMGRAD_DATA to a folder that holds embeddings/",
  });
}

function describe(rows: readonly EvaluationRow[]): string {
  const width = Math.max(...rows.map(({ set }) => set.length)) + 2;
  const lines = rows.map(({ set, kind, score, covered, total }) => {
    const shown = score === null ? "-" : score.toFixed(1);
    const unit = kind === "analogy" ? "% right" : "Spearman x 100";
    return `${set.padEnd(width)}${shown.padStart(6)}  ${unit.padEnd(16)}${covered} of ${total}`;
  });
  return lines.join("\n");
}

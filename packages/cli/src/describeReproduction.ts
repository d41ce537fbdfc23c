import type { ReproductionRow, ReproductionScale } from "@symgrad/qa-model";
import { percent, percentNumber } from "./percent";
import { formatDuration } from "./progress";

type Scores = { f1?: number; termAccuracy?: number };

/** A reproduced table as one JSON document; scores in percent, `null` where nothing was run. */
export function reproductionDocument(
  table: string,
  scale: ReproductionScale,
  rows: readonly ReproductionRow[],
): object {
  const scores = ({ f1, termAccuracy }: Scores) => ({
    f1: percentNumber(f1),
    termAccuracy: percentNumber(termAccuracy),
  });
  const types = (perType: Record<string, Scores> | undefined) =>
    perType && Object.fromEntries(Object.entries(perType).map(([type, one]) => [type, scores(one)]));
  return {
    table,
    scale: scale.name,
    cells: rows.map(({ cell, results, perType, ...means }) => ({
      cell: cell.name,
      paper: cell.paper,
      ...scores(means),
      perType: types(perType),
      trainings: results.map(({ table: _, cell: __, config, referenceLevels, ...result }) => ({
        ...result,
        ...scores(result),
        exactMatch: percentNumber(result.exactMatch),
        perType: types(result.perType),
        referenceLevels: Object.fromEntries(
          Object.entries(referenceLevels).map(([name, share]) => [name, percentNumber(share)]),
        ),
        config,
      })),
    })),
  };
}

/** The same for people: ours beside the paper's, what was not run, and what is reached without learning. */
export function describeReproduction(
  table: string,
  scale: ReproductionScale,
  rows: readonly ReproductionRow[],
): string {
  const line = (name: string, paper: string, ours: string, note: string) =>
    `  ${name.padEnd(22)}${paper.padEnd(16)}${ours.padEnd(16)}${note}`.trimEnd();
  const pair = ({ f1, termAccuracy }: Scores) => `${percent(f1)} / ${percent(termAccuracy)}`;
  const lines = [
    `${table === "table3" ? "Table 3" : "Table 4"} at the ${scale.name} scale (${describeScale(table, scale)}).`,
    "F1 / term accuracy, percent; the paper's are of 10 people and 7 digits.",
    "",
    line("cell", "paper", "ours", ""),
  ];
  for (const { cell, results, perType, ...means } of rows) {
    const { f1, termAccuracy } = cell.paper;
    const paper = `${f1.toFixed(1)} / ${termAccuracy?.toFixed(1) ?? "-"}`;
    if (results.length === 0) {
      lines.push(line(cell.name, paper, "not run", ""));
      continue;
    }
    const spent = formatDuration(results.reduce((sum, { seconds }) => sum + seconds, 0) / results.length);
    const seeds = results.length === 1 ? "1 seed" : `mean of ${results.length} seeds`;
    lines.push(line(cell.name, paper, pair(means), `${seeds}, ${spent} each`));
    for (const [type, scores] of Object.entries(perType ?? {}))
      lines.push(line(`  ${type}`, "", pair(scores), ""));
    if (results.length > 1) {
      for (const result of results) lines.push(line(`  seed ${result.seed}`, "", pair(result), ""));
    }
    lines.push(`    ${describeLevels(results[0]!.referenceLevels)}`);
  }
  return lines.join("\n");
}

function describeScale(table: string, scale: ReproductionScale): string {
  const { people, digits, generalization, steps, batchSize } = scale;
  const numbers =
    table === "table3"
      ? `${digits} digits`
      : `trained on 1 to ${generalization.maxDigits} digits, scored on ${generalization.digits}`;
  return `${people} people, ${numbers}, ${steps} steps of ${batchSize}`;
}

function describeLevels(levels: ReproductionRow["results"][number]["referenceLevels"]): string {
  const { ignoringTransfer, guessingName, randomPair } = levels;
  const parts = [
    ...(ignoringTransfer === undefined ? [] : [`ignoring the transfer ${percent(ignoringTransfer)}`]),
    ...(guessingName === undefined ? [] : [`guessing a name ${percent(guessingName)}`]),
    `a random pair ${percent(randomPair)} of terms`,
  ];
  return `without learning: ${parts.join(", ")}`;
}

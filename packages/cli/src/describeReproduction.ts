import type { DropCell, DropResult, ReproductionRow, ReproductionScale } from "@symgrad/qa-model";
import { percent, percentNumber } from "./percent";
import { formatDuration } from "./progress";

/** A cell on DROP; undefined where it was not run. */
export type DropRow = { cell: DropCell; result: DropResult | undefined };
type Scores = { f1?: number; termAccuracy?: number };

/** A reproduced table as one JSON document; scores in percent, `null` where nothing was run. */
export function reproductionDocument(
  table: string,
  scale: ReproductionScale,
  rows: readonly ReproductionRow[],
  drop: readonly DropRow[],
): object {
  const scores = ({ f1, termAccuracy }: Scores) => ({
    f1: percentNumber(f1),
    termAccuracy: percentNumber(termAccuracy),
  });
  const types = (perType: Record<string, Scores> | undefined) =>
    perType && Object.fromEntries(Object.entries(perType).map(([type, one]) => [type, scores(one)]));
  const whole = (one: Scores & { perType?: Record<string, Scores> }) => ({
    ...scores(one),
    perType: types(one.perType),
  });
  return {
    table,
    scale: scale.name,
    cells: rows.map(({ cell, results, swapped, ...row }) => ({
      cell: cell.name,
      paper: cell.paper ?? null,
      ...whole(row),
      swapped: swapped && whole(swapped),
      trainings: results.map(({ table: _, cell: __, config, referenceLevels, ...result }) => ({
        ...result,
        ...whole(result),
        exactMatch: percentNumber(result.exactMatch),
        swapped: result.swapped && whole(result.swapped),
        referenceLevels: Object.fromEntries(
          Object.entries(referenceLevels).map(([name, share]) => [name, percentNumber(share)]),
        ),
        config,
      })),
    })),
    ...(drop.length > 0 ? { drop: drop.map(dropDocument) } : {}),
  };
}

function dropDocument({ cell, result }: DropRow): object {
  const named = { cell: cell.name, paper: cell.paper ?? null };
  if (!result) return { ...named, f1: null, swapped: null };
  const { f1, exactMatch, swapped, unmoved, cell: _, ...rest } = result;
  return {
    ...named,
    f1: percentNumber(f1),
    exactMatch: percentNumber(exactMatch),
    swapped: { f1: percentNumber(swapped.f1), exactMatch: percentNumber(swapped.exactMatch) },
    unmoved: percentNumber(unmoved),
    ...rest,
  };
}

/** The same for people: ours beside the paper's, what was not run, and what is reached without learning. */
export function describeReproduction(
  table: string,
  scale: ReproductionScale,
  rows: readonly ReproductionRow[],
  drop: readonly DropRow[],
): string {
  const line = (name: string, paper: string, ours: string, note: string) =>
    `  ${name.padEnd(28)}${paper.padEnd(16)}${ours.padEnd(16)}${note}`.trimEnd();
  const pair = ({ f1, termAccuracy }: Scores) => `${percent(f1)} / ${percent(termAccuracy)}`;
  const lines = [
    `${TITLES[table]} at the ${scale.name} scale (${describeScale(table, scale)}).`,
    "F1 / term accuracy, percent; the paper's are of 10 people and 7 digits.",
    "",
    line("cell", "paper", "ours", ""),
  ];
  for (const { cell, results, perType, swapped, ...means } of rows) {
    const paper = cell.paper
      ? `${cell.paper.f1.toFixed(1)} / ${cell.paper.termAccuracy?.toFixed(1) ?? "-"}`
      : "-";
    if (results.length === 0) {
      lines.push(line(cell.name, paper, "not run", ""));
      continue;
    }
    const spent = formatDuration(results.reduce((sum, { seconds }) => sum + seconds, 0) / results.length);
    const seeds = results.length === 1 ? "1 seed" : `mean of ${results.length} seeds`;
    const both = (name: string, scores: Scores, against: Scores | undefined, note = "") =>
      lines.push(
        line(
          name,
          name === cell.name ? paper : "",
          pair(scores),
          against ? `swapped ${pair(against)}` : note,
        ),
      );
    both(cell.name, means, swapped, `${seeds}, ${spent} each`);
    for (const [type, scores] of Object.entries(perType ?? {}))
      both(`  ${type}`, scores, swapped?.perType?.[type]);
    if (results.length > 1) {
      for (const result of results) both(`  seed ${result.seed}`, result, result.swapped);
    }
    lines.push(`    ${describeLevels(results[0]!.referenceLevels)}`);
  }
  if (drop.length > 0) {
    lines.push("", "Comparison questions of DROP, F1 as they are / with the two numbers swapped:");
    for (const { cell, result } of drop) {
      const paper = cell.paper ? `${cell.paper.f1} / ${cell.paper.swapped}` : "-";
      if (!result) {
        lines.push(line(cell.name, paper, "not run", ""));
        continue;
      }
      const ours = `${percent(result.f1)} / ${percent(result.swapped.f1)}`;
      const note = `${result.count} questions, ${percent(result.unmoved)} % of the answers did not move`;
      lines.push(line(cell.name, paper, ours, note));
    }
  }
  return lines.join("\n");
}

const TITLES: Record<string, string> = { table1: "Table 1", table3: "Table 3", table4: "Table 4" };

function describeScale(table: string, scale: ReproductionScale): string {
  const { people, digits, generalization, steps, batchSize } = scale;
  const numbers =
    table === "table1"
      ? `${digits} digits; the person named first wins 95 of 100 questions, swapped 5`
      : table === "table3"
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

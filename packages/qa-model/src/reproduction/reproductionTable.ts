import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import { type ReproductionResult, readResult } from "./reproduceCell";
import { REPRODUCTION_CELLS, type ReproductionCell, type ReproductionScale } from "./reproductionCells";

/** One line of a reproduced table. Scores on the scale 0 to 1, means over the seeds; absent where nothing was run. */
export interface ReproductionRow {
  cell: ReproductionCell;
  results: ReproductionResult[];
  f1?: number;
  termAccuracy?: number;
  perType?: Record<string, { f1: number; termAccuracy?: number }>;
  /** The same against the bias that training had. */
  swapped?: Pick<ReproductionRow, "f1" | "termAccuracy" | "perType">;
}

/**
 * The cells of a table by name, in the table's order.
 *
 * @param names Default: all.
 * @throws SymgradError `E_NAME` for a name that the table does not have.
 */
export function selectCells(table: ReproductionCell["table"], names?: readonly string[]): ReproductionCell[] {
  const cells = REPRODUCTION_CELLS.filter((cell) => cell.table === table);
  for (const name of names ?? []) {
    if (cells.some((cell) => cell.name === name)) continue;
    throw new SymgradError("E_NAME", `${table} has no cell "${name}".`, {
      hint: `its cells: ${cells.map((cell) => cell.name).join(", ")}`,
    });
  }
  return cells.filter(({ name }) => names?.includes(name) ?? true);
}

/** The run directory of one training. */
export function cellFolder(
  root: string,
  { table, name }: ReproductionCell,
  scale: ReproductionScale,
  seed: number,
): string {
  return join(root, scale.name, `${table}-${name}-seed${seed}`);
}

/** What the folders hold so far: a row for every cell, without scores where none was run. */
export async function reproductionTable(
  root: string,
  table: ReproductionCell["table"],
  scale: ReproductionScale,
  seeds: readonly number[],
): Promise<ReproductionRow[]> {
  const rows = selectCells(table).map(async (cell): Promise<ReproductionRow> => {
    const found = await Promise.all(seeds.map((seed) => readResult(cellFolder(root, cell, scale, seed))));
    const results = found.filter((result) => result !== undefined);
    const swapped = results.map((result) => result.swapped).filter((scores) => scores !== undefined);
    return {
      cell,
      results,
      ...meanScores(results),
      ...(swapped.length > 0 ? { swapped: meanScores(swapped) } : {}),
    };
  });
  return Promise.all(rows);
}

function meanScores(
  results: readonly Pick<ReproductionResult, "f1" | "termAccuracy" | "perType">[],
): Pick<ReproductionRow, "f1" | "termAccuracy" | "perType"> {
  if (results.length === 0) return {};
  const types = [...new Set(results.flatMap(({ perType }) => Object.keys(perType ?? {})))].sort();
  const perType = types.map((type) => [type, means(results.flatMap((one) => one.perType?.[type] ?? []))]);
  return { ...means(results), ...(types.length > 0 ? { perType: Object.fromEntries(perType) } : {}) };
}

function means(scores: readonly { f1: number; termAccuracy?: number }[]): {
  f1: number;
  termAccuracy?: number;
} {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const terms = scores.map(({ termAccuracy }) => termAccuracy).filter((value) => value !== undefined);
  return {
    f1: mean(scores.map(({ f1 }) => f1)),
    ...(terms.length > 0 ? { termAccuracy: mean(terms) } : {}),
  };
}

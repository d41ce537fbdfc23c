import type { EvaluatedOk } from "../evaluate";
import type { PreparedRow } from "../layer/preparedRow";

/**
 * The candidates of a prepared row whose result satisfies the predicate: the positives of an argument loss. Undefined
 * results and what may not be chosen never do. Needs a row with results (not a compact one).
 *
 * @returns Candidate indices, ascending.
 * @example consistentCandidates(row, ({ values }) => values.includes("95"));
 */
export function consistentCandidates(
  row: PreparedRow,
  predicate: (result: EvaluatedOk) => boolean,
): number[] {
  const found: number[] = [];
  for (const [candidate, result] of (row.results ?? []).entries()) {
    if (row.mask[candidate] && result.kind === "ok" && predicate(result)) found.push(candidate);
  }
  return found;
}

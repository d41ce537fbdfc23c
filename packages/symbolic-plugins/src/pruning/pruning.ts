/** Which candidates of an example stay in the choice; the others are never evaluated and cannot be chosen. */
export interface Pruning {
  /** As in reports: `topK(8)`. */
  readonly name: string;
  /**
   * @param probs The softmax of an example's scores: its candidates' probabilities without pruning.
   * @returns 1 for each candidate that is kept; at least one.
   */
  keep(probs: Float64Array): Uint8Array;
}

/** The candidates from the most probable one down, of equal ones the lowest index first. */
export function byProbability(probs: Float64Array): number[] {
  return Array.from(probs.keys()).sort((i, j) => probs[j]! - probs[i]! || i - j);
}

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

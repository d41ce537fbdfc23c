import type { Match } from "./wordSearch";

/** The rows with the highest scores, best first, equal ones in their order; without those to `exclude`. */
export function topRows(
  scores: Float32Array,
  count: number,
  exclude: ReadonlySet<number> = new Set(),
): Match[] {
  const found: Match[] = [];
  if (count < 1) return found;
  let least = Number.NEGATIVE_INFINITY; // what a further one must be above
  for (let row = 0; row < scores.length; row++) {
    const similarity = scores[row]!;
    if (!(similarity > least) || exclude.has(row)) continue;
    if (found.length === count) found.pop();
    let place = found.length;
    while (place > 0 && found[place - 1]!.similarity < similarity) place--;
    found.splice(place, 0, { row, similarity });
    if (found.length === count) least = found[count - 1]!.similarity;
  }
  return found;
}

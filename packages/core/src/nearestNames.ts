/**
 * The known names closest to a mistyped one, best first and then in their own order; only those that could be a slip.
 * Upper and lower case do not differ. Fast enough for a vocabulary of 400,000 words.
 *
 * @param most How many at the most. Default 3.
 */
export function nearestNames(name: string, known: readonly string[], most = 3): string[] {
  const wanted = name.toLowerCase();
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of known) {
    const slip = Math.max(2, Math.ceil(candidate.length / 2));
    // Once enough are found, only a nearer one is of interest.
    const limit = found.length < most ? slip : Math.min(slip, found.at(-1)!.distance - 1);
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    if (found.length === most) found.pop();
    let place = found.length;
    while (place > 0 && found[place - 1]!.distance > distance) place--;
    found.splice(place, 0, { candidate, distance });
  }
  return found.map(({ candidate }) => candidate);
}

/** Levenshtein's distance: insertions, deletions and replacements; any number above `limit` where it is larger. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1);
      current.push(distance);
      if (distance < least) least = distance;
    }
    if (least > limit) return least;
    previous = current;
  }
  return previous[b.length]!;
}

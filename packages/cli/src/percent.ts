/** A share on the 0-1 scale as people read it: `97.3`; a dash where there is nothing to measure. */
export function percent(share: number | undefined): string {
  return share === undefined ? "-" : (100 * share).toFixed(1);
}

/** The same for JSON: percent, two decimals, `null` where there is nothing to measure. */
export function percentNumber(share: number | undefined): number | null {
  return share === undefined ? null : Math.round(10_000 * share) / 100;
}

import { SymgradError } from "@symgrad/core";
import { ranked } from "../internal/ranked";
import { show } from "../internal/show";
import type { Pruning } from "./pruning";

/**
 * Keeps the fewest candidates whose probabilities sum to at least `p`, from the most probable one down.
 *
 * @param p Above 0, at most 1; 1 keeps every candidate that has a probability.
 * @throws SymgradError `E_RANGE` if it is not.
 * @example layer.prepare(candidates, { scores, prune: mass(0.99) })
 */
export function mass(p: number): Pruning {
  if (!(p > 0 && p <= 1)) {
    throw new SymgradError("E_RANGE", `mass: \`p\` must be above 0 and at most 1, got ${show(p)}.`);
  }
  return {
    name: `mass(${p})`,
    keep(probs) {
      const kept = new Uint8Array(probs.length);
      let sum = 0;
      for (const [rank, candidate] of ranked(probs).entries()) {
        if (rank > 0 && (sum >= p || probs[candidate] === 0)) break;
        kept[candidate] = 1;
        sum += probs[candidate]!;
      }
      return kept;
    },
  };
}

import { SymgradError } from "@symgrad/core";
import { ranked } from "../internal/ranked";
import { show } from "../internal/show";
import type { Pruning } from "./pruning";

/**
 * Keeps the `k` most probable candidates of each example; of equal ones the lowest index.
 *
 * @throws SymgradError `E_RANGE` unless `k` is a whole number of at least 1.
 * @example layer.prepare(candidates, { scores, prune: topK(8) })
 */
export function topK(k: number): Pruning {
  if (!Number.isInteger(k) || k < 1) {
    throw new SymgradError("E_RANGE", `topK: \`k\` must be a whole number of at least 1, got ${show(k)}.`);
  }
  return {
    name: `topK(${k})`,
    keep(probs) {
      const kept = new Uint8Array(probs.length);
      for (const candidate of ranked(probs).slice(0, k)) kept[candidate] = 1;
      return kept;
    },
  };
}

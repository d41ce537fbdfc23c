import type { SyntheticExample } from "./generateSynthetic";

/** An example as one line of JSON, without a line break; fields in the order of the type. */
export function formatSyntheticLine(example: SyntheticExample): string {
  return JSON.stringify(example);
}

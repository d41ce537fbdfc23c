import { SymgradError } from "../errors";

/** Checks that a setting is at least 0 and below a bound. @throws SymgradError `E_RANGE`. */
export function assertBelow(where: string, name: string, value: number, bound: number): void {
  if (value >= 0 && value < bound) return;
  throw new SymgradError("E_RANGE", `${where}: \`${name}\` must be in [0, ${bound}), got ${value}.`);
}

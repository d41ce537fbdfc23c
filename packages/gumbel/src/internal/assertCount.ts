import { SymgradError } from "@symgrad/core";

/** Throws `E_RANGE` unless the option is an integer of at least `min`. */
export function assertCount(where: string, option: string, value: number, min = 1): void {
  if (!Number.isInteger(value) || value < min) {
    throw new SymgradError(
      "E_RANGE",
      `${where}: \`${option}\` must be an integer of at least ${min}, got ${value}.`,
    );
  }
}

/** Throws `E_RANGE` unless the option is a finite number above 0. */
export function assertPositive(where: string, option: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new SymgradError("E_RANGE", `${where}: \`${option}\` must be above 0 and finite, got ${value}.`);
  }
}

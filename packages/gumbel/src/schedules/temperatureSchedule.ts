import { SymgradError } from "@symgrad/core";

/** The temperature at a training step (0 is the first). Pure: a resumed run asks for any step. */
export type TemperatureSchedule = (step: number) => number;

export interface TemperatureRange {
  /** At step 0. Above 0. */
  from: number;
  /** From step `steps` on. Above 0. */
  to: number;
  /** An integer of at least 1. */
  steps: number;
}

/** A schedule that goes from one temperature to another and stays there; `at` gets the part done, in [0, 1]. */
export function between(
  name: string,
  { from, to, steps }: TemperatureRange,
  at: (part: number) => number,
): TemperatureSchedule {
  assertAboveZero(name, "from", from);
  assertAboveZero(name, "to", to);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new SymgradError("E_RANGE", `${name}: \`steps\` must be an integer of at least 1, got ${steps}.`);
  }
  return (step) => (step <= 0 ? from : step >= steps ? to : at(step / steps));
}

export function assertAboveZero(name: string, option: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new SymgradError("E_RANGE", `${name}: \`${option}\` must be above 0 and finite, got ${value}.`);
  }
}

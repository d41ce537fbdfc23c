import { between, type TemperatureRange, type TemperatureSchedule } from "./temperatureSchedule";

/** A straight line from `from` to `to`. @throws SymgradError `E_RANGE` for a temperature not above 0 or no steps. */
export function linearTemperature(range: TemperatureRange): TemperatureSchedule {
  const { from, to } = range;
  return between("linearTemperature", range, (part) => from + (to - from) * part);
}

import { between, type TemperatureRange, type TemperatureSchedule } from "./temperatureSchedule";

/** Half a period of the cosine: level at both ends. @throws SymgradError `E_RANGE` as the other schedules. */
export function cosineTemperature(range: TemperatureRange): TemperatureSchedule {
  const { from, to } = range;
  return between(
    "cosineTemperature",
    range,
    (part) => to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2,
  );
}

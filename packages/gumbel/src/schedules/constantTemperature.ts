import { assertAboveZero, type TemperatureSchedule } from "./temperatureSchedule";

/** The same temperature at every step. @throws SymgradError `E_RANGE` if it is not above 0. */
export function constantTemperature(temperature: number): TemperatureSchedule {
  assertAboveZero("constantTemperature", "temperature", temperature);
  return () => temperature;
}

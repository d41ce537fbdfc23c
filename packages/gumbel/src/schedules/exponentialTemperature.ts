import { between, type TemperatureRange, type TemperatureSchedule } from "./temperatureSchedule";

/**
 * The same factor at every step: from * (to / from)^(step / steps).
 *
 * @throws SymgradError `E_RANGE` for a temperature not above 0 or no steps.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, section 4, which anneals max(0.5, exp(-r * step)).
 */
export function exponentialTemperature(range: TemperatureRange): TemperatureSchedule {
  const { from, to } = range;
  return between("exponentialTemperature", range, (part) => from * (to / from) ** part);
}

import { findDates } from "./findDates";

/** A date or a duration of a text. */
export interface FoundTime {
  /** A date as {@link findDates} writes it, or a duration as "30 days". */
  value: string;
  /** UTF-16 offsets. */
  start: number;
  end: number;
}

const DURATION = /(?<![\p{L}\p{N}.,-])(?<count>\d{1,6}) (?<unit>day|week|month|year)s?(?![\p{L}\p{N}])/giu;

/**
 * Finds dates with a year, and durations in whole days, weeks, months or years: what date arithmetic takes.
 *
 * @returns In order of the text, without overlaps.
 */
export function findTimes(text: string): FoundTime[] {
  const dates: FoundTime[] = findDates(text);
  const durations = [...text.matchAll(DURATION)]
    .map(({ index, 0: written, groups }) => {
      const { count, unit } = groups as { count: string; unit: string };
      return { value: `${Number(count)} ${unit.toLowerCase()}s`, start: index, end: index + written.length };
    })
    .filter(({ start, end }) => !dates.some((date) => start < date.end && date.start < end));
  return [...dates, ...durations].sort((a, b) => a.start - b.start);
}

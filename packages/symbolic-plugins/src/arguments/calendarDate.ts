/**
 * A date of the proleptic Gregorian calendar, as precise as it was told: a day, a month, a year, or a day without its
 * year ("11 March"). A text may tell of a day that is not there, 30 February: see {@link dateExists}.
 */
export interface CalendarDate {
  readonly year?: number;
  /** From 1. */
  readonly month?: number;
  /** From 1. */
  readonly day?: number;
}

/** Whether there is such a day, month or year, in the years 1 to 9999. Without its year, 29 February exists. */
export function dateExists({ year, month, day }: CalendarDate): boolean {
  if (year !== undefined && (year < 1 || year > 9999)) return false;
  if (month === undefined) return year !== undefined && day === undefined;
  if (month < 1 || month > 12) return false;
  return day === undefined || (day >= 1 && day <= daysInMonth(month, year));
}

/** A date whose day is known. */
export type FullDate = Required<CalendarDate>;

export function isFullDate(date: CalendarDate): date is FullDate {
  return date.year !== undefined && date.month !== undefined && date.day !== undefined;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** @param year Unknown years count as leap years: 29 February is the day of some year. */
export function daysInMonth(month: number, year = 4): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days since 31 December of year 0, as Python's `date.toordinal`: 1 January of year 1 is 1. */
export function dayNumber({ year, month, day }: FullDate): number {
  const before = year - 1;
  let days = 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  for (let m = 1; m < month; m++) days += daysInMonth(m, year);
  return days + day;
}

/** The inverse of {@link dayNumber}; `undefined` outside of the years 1 to 9999. */
export function dateOfDay(number: number): FullDate | undefined {
  let year = Math.floor((number - 1) / 365.2425) + 1;
  while (dayNumber({ year, month: 1, day: 1 }) > number) year--;
  while (dayNumber({ year: year + 1, month: 1, day: 1 }) <= number) year++;
  if (year < 1 || year > 9999) return undefined;
  let day = number - dayNumber({ year, month: 1, day: 1 }) + 1;
  let month = 1;
  for (; day > daysInMonth(month, year); month++) day -= daysInMonth(month, year);
  return { year, month, day };
}

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

export type Weekday = (typeof weekdays)[number];

export function weekdayOf(date: FullDate): Weekday {
  return weekdays[(dayNumber(date) + 6) % 7]!;
}

/**
 * The same day so many months later, the last day of the month where there is none: one month after 31 January is
 * 28 or 29 February. `undefined` outside of the years 1 to 9999.
 */
export function addMonths({ year, month, day }: FullDate, months: number): FullDate | undefined {
  const total = year * 12 + (month - 1) + months;
  const then = { year: Math.floor(total / 12), month: (total % 12) + 1 };
  if (then.year < 1 || then.year > 9999) return undefined;
  return { ...then, day: Math.min(day, daysInMonth(then.month, then.year)) };
}

/** How many whole months fit between two dates: the largest n for which `from` plus n months is not after `to`. */
export function wholeMonths(from: FullDate, to: FullDate): number {
  let months = (to.year - from.year) * 12 + to.month - from.month;
  while (months > 0 && dayNumber(addMonths(from, months)!) > dayNumber(to)) months--;
  return months;
}

/** The first and the last day that a date with its year may mean. */
export function dayRange({ year, month, day }: CalendarDate): readonly [number, number] | undefined {
  if (year === undefined) return undefined;
  const first = { year, month: month ?? 1, day: day ?? 1 };
  const lastMonth = month ?? 12;
  const last = { year, month: lastMonth, day: day ?? daysInMonth(lastMonth, year) };
  return [dayNumber(first), dayNumber(last)];
}

/** `1621-02-21`, `1621-02`, `1621`, `--02-21`, `--02`. */
export function formatIso({ year, month, day }: CalendarDate): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const parts = [year === undefined ? "-" : String(year).padStart(4, "0")];
  if (month !== undefined) parts.push(two(month));
  if (day !== undefined) parts.push(two(day));
  return parts.join("-");
}

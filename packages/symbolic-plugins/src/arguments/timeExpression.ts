import type { CalendarDate } from "./calendarDate";
import { date } from "./date";
import type { ValueType } from "./valueType";

export type DurationUnit = "days" | "weeks" | "months" | "years";

/** A whole number of days, weeks, months or years. */
export interface Duration {
  /** At least 0. */
  readonly count: number;
  readonly unit: DurationUnit;
}

/** A date or a duration, told apart by `unit`. */
export type TimeExpression = CalendarDate | Duration;

export function isDuration(value: TimeExpression): value is Duration {
  return "unit" in value;
}

const duration = /^(\d{1,6}) (day|week|month|year)s?$/i;

/** A {@link date}, or a duration such as "30 days", "1 week", "2 months", "10 years". */
export const timeExpression: ValueType<TimeExpression> = {
  name: "date or duration",
  expected: `${date.expected}, or a duration such as "30 days" or "2 months"`,
  parse(value) {
    const found = typeof value === "string" ? duration.exec(value.trim()) : null;
    if (found) return { count: Number(found[1]), unit: `${found[2]!.toLowerCase()}s` as DurationUnit };
    const { count, unit } = (value ?? {}) as Duration;
    const isOne =
      Number.isInteger(count) && count >= 0 && ["days", "weeks", "months", "years"].includes(unit);
    return isOne ? { count, unit } : date.parse(value);
  },
  canonical: (value) => (isDuration(value) ? `${value.count} ${value.unit}` : date.canonical(value)),
  samples: [...(date.samples ?? []), "30 days", "1 week", "13 months", "200 years", "9999-12-31"],
};

import {
  addMonths,
  type CalendarDate,
  dateExists,
  dateOfDay,
  dayNumber,
  dayRange,
  type FullDate,
  formatIso,
  isFullDate,
  weekdayOf,
  wholeMonths,
} from "../arguments/calendarDate";
import { distinct } from "../arguments/distinct";
import { fromExample } from "../arguments/fromExample";
import { type Duration, isDuration, type TimeExpression, timeExpression } from "../arguments/timeExpression";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { ok, type Result, undefinedResult } from "../result";

/**
 * Arithmetic with two entries of the example's `dates`, each a date or a duration (see {@link timeExpression}), in the
 * proleptic Gregorian calendar:
 *
 * - two days: order, differences in days, whole months and whole years, and both weekdays:
 *   F(22 January 1621, 21 February 1621) =
 *   "1621-01-22 before 1621-02-21, 30 days, 0 months, 0 years, Friday, Sunday";
 * - two months: order, months and years; two years: order and years. A month and a year, and whatever else has not the
 *   same precision, only have an order, where it does not depend on what was not told;
 * - a day and a duration: the day that much later, and that much earlier. A month that lacks the day takes its last one.
 *
 * A month is whole once its day is reached, or its end where it lacks the day: from 31 January to 28 February is 1. The computed numbers, dates and
 * weekdays alone are its `values`.
 *
 * Undefined: "no such date" (30 February; a result outside the years 1 to 9999), "no year" (11 March alone), "order not
 * known" (1942 and May 1942), "two durations", "duration from no day" (May 2010 and 30 days).
 */
export const dateArithmetic = defineFunction({
  name: "symgrad.dateArithmetic.v1",
  args: { a: fromExample("dates", timeExpression), b: fromExample("dates", timeExpression) },
  where: distinct,
  symmetric: ["a", "b"],
  run: ({ a, b }) => calculate(a, b),
  output: tokens({
    symbols: [
      ..."-,".split(""),
      ...["before", "after", "same", "days", "weeks", "months", "years"],
      ...["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ],
  }),
  maxLength: 64,
  examples: [{ dates: ["21 February 1621", "22 January 1621", "30 days"] }],
});

function calculate(a: TimeExpression, b: TimeExpression): Result {
  if (isDuration(a)) return isDuration(b) ? undefinedResult("two durations") : shift(b, a);
  if (isDuration(b)) return shift(a, b);
  return compare(a, b);
}

function shift(date: CalendarDate, duration: Duration): Result {
  if (!dateExists(date)) return undefinedResult("no such date");
  if (date.year === undefined) return undefinedResult("no year");
  if (!isFullDate(date)) return undefinedResult("duration from no day");
  const later = plus(date, duration, 1);
  const earlier = plus(date, duration, -1);
  const { count, unit } = duration;
  const lines = [];
  if (later) lines.push(`${formatIso(later)}, ${count} ${unit} after ${formatIso(date)}`);
  if (earlier) lines.push(`${formatIso(earlier)}, ${count} ${unit} before ${formatIso(date)}`);
  const values = [later, earlier].flatMap((found) => (found ? [formatIso(found)] : []));
  return lines.length > 0 ? ok(lines.join(", "), { values }) : undefinedResult("no such date");
}

function plus(date: FullDate, { count, unit }: Duration, sign: 1 | -1): FullDate | undefined {
  if (unit === "days" || unit === "weeks") {
    return dateOfDay(dayNumber(date) + sign * count * (unit === "weeks" ? 7 : 1));
  }
  return addMonths(date, sign * count * (unit === "years" ? 12 : 1));
}

function compare(a: CalendarDate, b: CalendarDate): Result {
  if (!dateExists(a) || !dateExists(b)) return undefinedResult("no such date");
  const [rangeA, rangeB] = [dayRange(a), dayRange(b)];
  if (!rangeA || !rangeB) return undefinedResult("no year");
  const same = formatIso(a) === formatIso(b);
  const before = rangeA[1] < rangeB[0];
  if (!same && !before && rangeB[1] >= rangeA[0]) return undefinedResult("order not known");
  const order = same ? "same" : before ? "before" : "after";
  const [from, to] = order === "after" ? [b, a] : [a, b];
  const { text, values } = differences(from, to);
  return ok([`${formatIso(a)} ${order} ${formatIso(b)}`, ...text, ...weekdays(a, b)].join(", "), {
    values: [...values, ...weekdays(a, b)],
  });
}

/** From the earlier date to the later one, in the units that both of them have. */
function differences(from: CalendarDate, to: CalendarDate): { text: string[]; values: string[] } {
  const found: [number, string][] = [];
  if (isFullDate(from) && isFullDate(to)) {
    const months = wholeMonths(from, to);
    found.push(
      [dayNumber(to) - dayNumber(from), "days"],
      [months, "months"],
      [Math.floor(months / 12), "years"],
    );
  } else if (from.day === undefined && to.day === undefined) {
    const years = to.year! - from.year!;
    if (from.month !== undefined && to.month !== undefined) {
      const months = 12 * years + to.month - from.month;
      found.push([months, "months"], [Math.floor(months / 12), "years"]);
    } else if (from.month === undefined && to.month === undefined) found.push([years, "years"]);
  }
  return {
    text: found.map(([count, unit]) => `${count} ${unit}`),
    values: found.map(([count]) => String(count)),
  };
}

function weekdays(...dates: CalendarDate[]): string[] {
  return dates.every(isFullDate) ? dates.map(weekdayOf) : [];
}

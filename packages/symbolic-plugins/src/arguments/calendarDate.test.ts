import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addMonths,
  type CalendarDate,
  dateExists,
  dateOfDay,
  dayNumber,
  type FullDate,
  formatIso,
  weekdayOf,
  wholeMonths,
} from "./calendarDate";
import { date } from "./date";
import { timeExpression } from "./timeExpression";

interface GoldenDate {
  from: string;
  to: string;
  days: number;
  months: number;
  weekdays: [string, string];
  plusDays: [number, string | null];
  plusMonths: [number, string | null];
}

/** By fixtures/dates/generate.py. */
const golden: GoldenDate[] = JSON.parse(
  readFileSync(new URL("../../../../fixtures/dates/golden.json", import.meta.url), "utf8"),
);
const full = (text: string) => date.parse(text) as FullDate;
const iso = (value: FullDate | undefined) => (value === undefined ? null : formatIso(value));

test("days, months, weekdays and sums agree with Python's datetime", () => {
  expect(golden.length).toBe(400);
  for (const { from, to, days, months, weekdays, plusDays, plusMonths } of golden) {
    const [a, b] = [full(from), full(to)];
    expect({ from, days: dayNumber(b) - dayNumber(a) }).toEqual({ from, days });
    expect({ from, to, months: wholeMonths(a, b) }).toEqual({ from, to, months });
    expect([weekdayOf(a), weekdayOf(b)]).toEqual(weekdays);
    expect([from, iso(dateOfDay(dayNumber(a) + plusDays[0]))]).toEqual([from, plusDays[1]]);
    expect([from, iso(addMonths(a, plusMonths[0]))]).toEqual([from, plusMonths[1]]);
  }
});

test("day numbers and dates are each other's inverse", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_652_059 }), (number) => {
      const found = dateOfDay(number)!;
      expect(dateExists(found)).toBe(true);
      expect(dayNumber(found)).toBe(number);
    }),
  );
  expect([dateOfDay(0), dateOfDay(3_652_060)]).toEqual([undefined, undefined]);
});

test.each([
  ["21 February 1621", { year: 1621, month: 2, day: 21 }],
  ["April 15, 2014", { year: 2014, month: 4, day: 15 }],
  ["October 8 2006", { year: 2006, month: 10, day: 8 }],
  ["29th of November 1920", { year: 1920, month: 11, day: 29 }],
  ["the 1st of May, 1945", { year: 1945, month: 5, day: 1 }],
  ["on 12 Sept. 1942", { year: 1942, month: 9, day: 12 }],
  ["2018-01-31", { year: 2018, month: 1, day: 31 }],
  ["2018-1", { year: 2018, month: 1 }],
  ["January 2018", { year: 2018, month: 1 }],
  ["May, 2010", { year: 2010, month: 5 }],
  ["January of 1942", { year: 1942, month: 1 }],
  ["2017 September", { year: 2017, month: 9 }],
  ["1942", { year: 1942 }],
  [1942, { year: 1942 }],
  ["October 11", { month: 10, day: 11 }],
  ["11 March", { month: 3, day: 11 }],
  ["in march", { month: 3 }],
  [
    { year: 2001, month: 2, day: 3 },
    { year: 2001, month: 2, day: 3 },
  ],
  ["30 February 2001", { year: 2001, month: 2, day: 30 }],
])("%j is a date", (text, expected) => {
  expect(date.parse(text)).toEqual(expected);
});

test.each(["2-4 July", "3/4/2010", "Marching", "the 5th", "", "12", null, {}, 2.5, Number.NaN, ["1942"]])(
  "%j is none",
  (text) => {
    expect(date.parse(text)).toBeUndefined();
  },
);

test("which days exist", () => {
  const exists = (text: string) => dateExists(date.parse(text) as CalendarDate);
  for (const day of [
    "29 February 2000",
    "29 February 1904",
    "29 February",
    "31 December 9999",
    "1942",
    "May",
  ]) {
    expect([day, exists(day)]).toEqual([day, true]);
  }
  for (const day of [
    "30 February 2001",
    "29 February 1900",
    "29 February 2001",
    "31 April",
    "2018-13",
    "2018-00-01",
  ]) {
    expect([day, exists(day)]).toEqual([day, false]);
  }
  expect(dateExists({ year: 10_000 })).toBe(false);
});

test("durations", () => {
  expect(timeExpression.parse("30 days")).toEqual({ count: 30, unit: "days" });
  expect(timeExpression.parse("1 Week")).toEqual({ count: 1, unit: "weeks" });
  expect(timeExpression.parse("-3 days")).toBeUndefined();
  expect(timeExpression.parse("3 moons")).toBeUndefined();
  expect(timeExpression.canonical({ count: 2, unit: "years" })).toBe("2 years");
});

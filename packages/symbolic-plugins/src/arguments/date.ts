import { type CalendarDate, formatIso } from "./calendarDate";
import type { ValueType } from "./valueType";

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

const month = String.raw`(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`;
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const year = String.raw`(?<year>\d{3,4})`;

/** The forms that news and encyclopedias use; the forms of DROP's passages are among them. */
const forms = [
  String.raw`(?<year>\d{4})-(?<number>\d{1,2})(?:-(?<day>\d{1,2}))?`, // 1621-02-21, 1621-02
  `${day}(?: of)? ${month}(?:,?(?: of)? ${year})?`, // 21 February 1621, 29th of November 1920, 11 March
  `${month} (?:the )?${day}(?:,? ${year})?`, // April 15, 2014; October 11
  `${month}(?:,| of)? ${year}`, // January 2018; May, 2010; January of 1942
  `${year},? ${month}(?: ${day})?`, // 2017 September
  month, // March
  year, // 1942
].map((form) => new RegExp(`^(?:on |in |the )?${form}$`, "i"));

/**
 * Dates of the proleptic Gregorian calendar, as precise as the text is: "21 February 1621", "April 15, 2014",
 * "29th of November 1920", "2018-01-31", "January 2018", "May, 2010", "1942", "October 11", "March". A day that is not
 * there ("30 February 2001") is read all the same, so that a function can say that its result is undefined. Refused:
 * ranges ("2-4 July"), day and month in numbers alone ("3/4/2010"), and whatever else is in no form of a date.
 */
export const date: ValueType<CalendarDate> = {
  name: "date",
  expected: 'a date such as "21 February 1621", "April 15, 2014", "2018-01-31", "May 2010" or "1942"',
  parse(value) {
    if (typeof value === "number") return dateOf(value);
    if (typeof value === "object" && value !== null) {
      const { year, month, day } = value as CalendarDate;
      return dateOf(year, month, day);
    }
    if (typeof value !== "string") return undefined;
    const text = value.trim().replace(/\s+/g, " ");
    for (const form of forms) {
      const groups = form.exec(text)?.groups;
      if (groups === undefined) continue;
      const named = groups.month?.slice(0, 3).toLowerCase();
      const index = named === undefined ? -1 : months.findIndex((name) => name.startsWith(named));
      return dateOf(
        optional(groups.year),
        index >= 0 ? index + 1 : optional(groups.number),
        optional(groups.day),
      );
    }
    return undefined;
  },
  canonical: formatIso,
  samples: [
    "21 February 1621",
    "22 January 1621",
    "2000-02-29",
    "30 February 2001",
    "May 2010",
    1942,
    "October 11",
    "1999-12-31",
  ],
};

function optional(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function dateOf(year?: number, month?: number, day?: number): CalendarDate | undefined {
  const parts = [year, month, day].filter((part) => part !== undefined);
  if (!parts.every((part) => Number.isInteger(part)) || (year === undefined && month === undefined))
    return undefined;
  return {
    ...(year !== undefined && { year }),
    ...(month !== undefined && { month }),
    ...(day !== undefined && { day }),
  };
}

/** A date of a text. */
export interface FoundDate {
  /** "1990-03-05", or as much as the text says: "1990-03". */
  value: string;
  /** UTF-16 offsets. */
  start: number;
  end: number;
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);
const MONTH = `(?<month>${MONTHS.map((name) => (name === "may" ? name : `${name}|${name.slice(0, 3)}\\.?`)).join("|")}|sept\\.?)`;
const DAY = "(?<day>\\d{1,2})(?:st|nd|rd|th)?";
const YEAR = "(?<year>\\d{3,4})";
const FORMS = [
  "(?<year>\\d{4})-(?<number>\\d{2})-(?<day>\\d{2})",
  `${DAY}(?: of)? ${MONTH},? ${YEAR}`,
  `${MONTH} ${DAY},? ${YEAR}`,
  `${MONTH},? ${YEAR}`,
].map((form) => new RegExp(`(?<![\\p{L}\\p{N}-])${form}(?![\\p{L}\\p{N}]|-\\d)`, "giu"));

/**
 * Finds dates with a year: "1990-03-05", "5 March 1990", "March 5th, 1990", "Mar. 1990". A day that the month does not
 * have ("30 February 1990") is no date.
 *
 * @returns In order of the text, without overlaps.
 */
export function findDates(text: string): FoundDate[] {
  const found: FoundDate[] = [];
  // Impossible days too, so that "31 April 2001" is not read as "April 2001".
  const taken: { start: number; end: number }[] = [];
  for (const form of FORMS) {
    for (const match of text.matchAll(form)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (taken.some((other) => start < other.end && other.start < end)) continue;
      taken.push({ start, end });
      const { year, month, number, day } = match.groups as Record<string, string | undefined>;
      const monthNumber = number
        ? Number(number)
        : 1 + MONTHS.findIndex((name) => name.startsWith(month!.slice(0, 3).toLowerCase()));
      if (monthNumber < 1 || monthNumber > 12) continue;
      if (day !== undefined && (Number(day) < 1 || Number(day) > daysIn(Number(year), monthNumber))) continue;
      const parts = [
        year!.padStart(4, "0"),
        pad(monthNumber),
        ...(day === undefined ? [] : [pad(Number(day))]),
      ];
      found.push({ value: parts.join("-"), start, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Of the proleptic Gregorian calendar. */
function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

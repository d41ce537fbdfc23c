import { date } from "@symgrad/symbolic-plugins";

/** Steps that need no number of the text. */
const fixedSteps = ["+0 days", "+1 day", "-1 day", "+2 days", "-2 days", "+1 week", "-1 week"];
const fixedQuestionSteps = [...fixedSteps, "+1 month", "-1 month", "+1 year", "-1 year"];
/** What relates a date to today: a fixed step, or a duration of the text forwards or backwards. */
export const relations = fixedSteps.length + 2;
/** The same for the question's own words. */
export const questionRelations = fixedQuestionSteps.length + 2;
/** At most so many dates and durations of a text are looked at. */
export const mostDates = 4;
export const mostDurations = 4;

const numberWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const month = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\\.?";
const datePattern = new RegExp(
  [
    "\\d{1,2}/\\d{1,2}/\\d{4}", // month first
    `${month} \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}`,
    `\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${month},? \\d{4}`,
  ].join("|"),
  "gi",
);
const durationPattern = new RegExp(
  `\\b(\\d{1,4}|${numberWords.join("|")})[- ](day|week|month|year)s?\\b`,
  "gi",
);

/**
 * What `dateQuestion` may be asked about a text, and the words from which a network is to tell what it should be asked.
 *
 * @param context The text without its question.
 * @param question What is asked, as "the date a month ago".
 * @returns `dates`, `steps`, `questionSteps` as the function wants them; the words around each date and duration, of the
 *   whole context and of the question; for each step its relation and its duration (-1: fixed).
 */
export function readQuestion(context, question) {
  const dates = [];
  const durations = [];
  const marked = context
    .replace(datePattern, (text) => {
      const iso = isoOf(text);
      if (iso === undefined || dates.length === mostDates) return text;
      dates.push(iso);
      return " DATE ";
    })
    .replace(durationPattern, (_, count, unit) => {
      if (durations.length === mostDurations) return " NUMBER ";
      durations.push(durationOf(count, unit));
      return ` DURATION ${unit} `;
    });
  const words = wordsOf(marked);
  const asked = [];
  const questionWords = wordsOf(
    question.replace(durationPattern, (text, count, unit) => {
      if (/^(1|one)$/i.test(count)) return text;
      asked.push(durationOf(count, unit));
      return ` DURATION ${unit} `;
    }),
  );
  const both = (list) => list.flatMap((step) => [`+${step}`, `-${step}`]);
  return {
    dates,
    steps: [...fixedSteps, ...both(durations)],
    questionSteps: [...fixedQuestionSteps, ...both(asked.slice(0, 1))],
    words,
    questionWords,
    dateWindows: windows(words, "DATE"),
    durationWindows: windows(words, "DURATION"),
  };
}

/** The relation of the n-th step: its place, or for a duration of the text its direction. */
export function relationOf(stepIndex) {
  const fixed = fixedSteps.length;
  return stepIndex < fixed ? stepIndex : fixed + ((stepIndex - fixed) % 2);
}

/** The duration of the n-th step, -1 where it is fixed. */
export function durationIndexOf(stepIndex) {
  const fixed = fixedSteps.length;
  return stepIndex < fixed ? -1 : Math.floor((stepIndex - fixed) / 2);
}

/** "7/9/1972" or "Sept. 1st, 2021" as "1972-07-09", "2021-09-01". */
export function isoOf(text) {
  const [, m, d, y] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  const iso = y ? `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}` : text;
  const parsed = date.parse(iso);
  return parsed?.day === undefined || parsed.year === undefined ? undefined : date.canonical(parsed);
}

function durationOf(count, unit) {
  const word = numberWords.indexOf(count.toLowerCase());
  return `${word >= 0 ? word : Number(count)} ${unit.toLowerCase()}s`;
}

function wordsOf(text) {
  return (text.match(/[A-Za-z']+|\d+|[.,;:()]/g) ?? []).map((word) =>
    /^(DATE|DURATION)$/.test(word) ? word : /^\d+$/.test(word) ? "NUMBER" : word.toLowerCase(),
  );
}

/** Four words before and after each mark; "" beyond the text. */
function windows(words, mark) {
  return words.flatMap((word, at) =>
    word === mark ? [[-4, -3, -2, -1, 1, 2, 3, 4].map((offset) => words[at + offset] ?? "")] : [],
  );
}

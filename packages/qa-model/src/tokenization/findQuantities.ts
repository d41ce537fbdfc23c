import { findNumbers } from "./findNumbers";
import { NUMBER_WORDS, type PlacedWord, readNumberWords } from "./numberWords";

/** A number of a text with what it counts. */
export interface FoundQuantity {
  /** Exact decimal: "5000000" for "5 million", "3" for "third", "-2.5". */
  value: string;
  kind: "cardinal" | "ordinal";
  /**
   * What is counted or measured, in one spelling: "percent", "dollar", "yard"; undefined if no known unit stands beside
   * the number.
   */
  unit?: string;
  /** UTF-16 offsets of the number alone, its sign and magnitude word included, its unit not. */
  start: number;
  end: number;
}

const MAGNITUDE_ZEROS: Record<string, number> = {
  hundred: 2,
  thousand: 3,
  million: 6,
  billion: 9,
  trillion: 12,
};
const MAGNITUDE = /^[ \u00a0-](hundred|thousand|million|billion|trillion)\b/i;
const ORDINAL = /(?<![\p{L}\p{N}.,])\d+(?:,\d{3})*(?:st|nd|rd|th)\b/giu;
const WORDS = [...NUMBER_WORDS.keys()].sort((a, b) => b.length - a.length).join("|");
const WORD_SEQUENCE = new RegExp(
  `\\b(?:an?[ -](?=hundred|thousand|million|billion|trillion|dozen))?(?:${WORDS})(?:(?:[ \\u00a0-]|[ -]and[ -])(?:${WORDS}))*\\b`,
  "gi",
);
const PART =
  /^(?:[ -](?:half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|eighths?|tenths?|hundredths?)\b)/i;

const CURRENCIES: Record<string, string> = { $: "dollar", "€": "euro", "£": "pound", "¥": "yen" };
const UNIT_SPELLINGS: Record<string, string> = {
  percent: "%|percent|per cent|percentage points?|pct",
  dollar: "dollars?|USD",
  euro: "euros?|EUR",
  pound: "pounds?|lbs?",
  yen: "yen",
  yard: "yards?|yds?",
  foot: "foot|feet|ft",
  inch: "inch|inches",
  mile: "miles?",
  kilometer: "kilomet(?:er|re)s?|km",
  meter: "met(?:er|re)s?|m",
  centimeter: "centimet(?:er|re)s?|cm",
  kilogram: "kilograms?|kg",
  ton: "tons?|tonnes?",
  second: "seconds?",
  minute: "minutes?",
  hour: "hours?",
  day: "days?",
  week: "weeks?",
  month: "months?",
  year: "years?",
  point: "points?",
};
const UNITS = Object.entries(UNIT_SPELLINGS).map(
  ([unit, spellings]) => [unit, new RegExp(`^[ \\u00a0-]?(?:${spellings})(?![\\p{L}\\p{N}])`, "iu")] as const,
);

/**
 * Finds every number of a text with its unit: what `findNumbers` finds, digits with a magnitude ("5.2 million"), with
 * an attached unit ("3.5km", "23-yard") or as an ordinal ("21st"), and English number words ("five million", "a dozen",
 * "two hundred and five", "twenty-first"). A fraction in words ("two thirds") is no number: it has no exact decimal.
 *
 * @returns In order of the text, without overlaps.
 */
export function findQuantities(text: string): FoundQuantity[] {
  const found = [...findDigits(text), ...findWords(text)].sort((a, b) => a.start - b.start);
  return found.map((quantity) => {
    const unit = unitOf(text, quantity);
    return unit === undefined ? quantity : { ...quantity, unit };
  });
}

type Plain = Omit<FoundQuantity, "unit">;

function findDigits(text: string): Plain[] {
  const found: Plain[] = [...text.matchAll(ORDINAL)].map((match) => ({
    value: match[0].replace(/\D/g, "").replace(/^0+(?=\d)/, ""),
    kind: "ordinal",
    start: match.index,
    end: match.index + match[0].length,
  }));
  // A blank between a number and the unit attached to it leaves all places behind it as they are, but one.
  for (const { value, start, end } of findNumbersWithUnits(text)) {
    const magnitude = MAGNITUDE.exec(text.slice(end, end + 12));
    found.push(
      magnitude
        ? {
            value: shiftPoint(value, MAGNITUDE_ZEROS[magnitude[1]!.toLowerCase()]!),
            kind: "cardinal",
            start,
            end: end + magnitude[0].length,
          }
        : { value, kind: "cardinal", start, end },
    );
  }
  return found;
}

const ATTACHED = /(?<![\p{L}\p{N}])(\d[\d,]*(?:\.\d+)?)(km|kg|cm|m|ft|lbs?|yds?)(?![\p{L}\p{N}])/giu;

function findNumbersWithUnits(text: string) {
  const attached = [...text.matchAll(ATTACHED)].flatMap((match) =>
    findNumbers(match[1]!)
      .filter(({ end }) => end === match[1]!.length)
      .map((one) => ({ ...one, start: match.index + one.start, end: match.index + one.end })),
  );
  return [...findNumbers(text), ...attached];
}

/** A decimal times ten to the power of `zeros`, exactly. */
function shiftPoint(value: string, zeros: number): string {
  const [whole, fraction = ""] = value.replace("-", "").split(".") as [string, string?];
  const digits = whole + fraction.padEnd(zeros, "0");
  const point = whole.length + zeros;
  const shifted = `${digits.slice(0, point).replace(/^0+(?=\d)/, "")}.${digits.slice(point)}`.replace(
    /\.?0*$/,
    (tail) => (tail.startsWith(".") ? "" : tail.replace(/0+$/, "")),
  );
  return value.startsWith("-") && shifted !== "0" ? `-${shifted}` : shifted;
}

function findWords(text: string): Plain[] {
  const found: Plain[] = [];
  for (const match of text.matchAll(WORD_SEQUENCE)) {
    // "5 million": the magnitude belongs to the digits.
    if (/\d[ \u00a0-]$/.test(text.slice(0, match.index)) && MAGNITUDE.test(` ${match[0]}`)) continue;
    const words: (PlacedWord & { start: number; end: number })[] = [];
    let joined = false;
    for (const part of match[0].matchAll(/[a-z]+/gi)) {
      const word = NUMBER_WORDS.get(part[0].toLowerCase());
      if (word) {
        const start = match.index + part.index;
        words.push({ word, joined, start, end: start + part[0].length });
      }
      joined = part[0].toLowerCase() === "and";
    }
    for (let from = 0; from < words.length; ) {
      const { count, value, ordinal } = readNumberWords(words.slice(from));
      const taken = Math.max(count, 1);
      const end = words[from + taken - 1]!.end;
      const isPart = !ordinal && PART.test(text.slice(end, end + 12));
      // "one third": both words make a fraction.
      const next = isPart && words[from + taken]?.word.ordinal ? taken + 1 : taken;
      if (!isPart) {
        const start = from === 0 ? match.index : words[from]!.start;
        found.push({ value: String(value), kind: ordinal ? "ordinal" : "cardinal", start, end });
      }
      from += next;
    }
  }
  return found;
}

function unitOf(text: string, { kind, start, end }: Plain): string | undefined {
  if (kind === "ordinal") return undefined;
  const before = /([$€£¥]) ?$/.exec(text.slice(Math.max(0, start - 2), start));
  if (before) return CURRENCIES[before[1]!];
  const after = text.slice(end, end + 24);
  return UNITS.find(([, spelling]) => spelling.test(after))?.[0];
}

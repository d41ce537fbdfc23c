/** What an English number word stands for, and how it joins the words before it. */
export interface NumberWord {
  kind: "zero" | "unit" | "teen" | "ten" | "hundred" | "magnitude" | "dozen";
  value: number;
  ordinal: boolean;
}

const UNITS = "zero one two three four five six seven eight nine".split(" ");
const TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const MAGNITUDES = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };
const IRREGULAR: Record<string, string> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};

/** Number words by their lower-case spelling, "twelfth" as well as "twelve". */
export const NUMBER_WORDS: ReadonlyMap<string, NumberWord> = createNumberWords();

function createNumberWords(): Map<string, NumberWord> {
  const words = new Map<string, NumberWord>();
  const add = (word: string, kind: NumberWord["kind"], value: number, ordinal = true) => {
    words.set(word, { kind, value, ordinal: false });
    if (ordinal) words.set(ordinalOf(word), { kind, value, ordinal: true });
  };
  for (const [value, word] of UNITS.entries()) add(word, value === 0 ? "zero" : "unit", value, value > 0);
  for (const [i, word] of TEENS.entries()) add(word, "teen", 10 + i);
  for (const [i, word] of TENS.entries()) add(word, "ten", 20 + 10 * i);
  add("hundred", "hundred", 100);
  for (const [word, value] of Object.entries(MAGNITUDES)) add(word, "magnitude", value);
  add("dozen", "dozen", 12, false);
  return words;
}

function ordinalOf(word: string): string {
  return IRREGULAR[word] ?? (word.endsWith("y") ? `${word.slice(0, -1)}ieth` : `${word}th`);
}

/** A number word and where it stands. */
export interface PlacedWord {
  word: NumberWord;
  /** Whether "and" stands before it. */
  joined: boolean;
}

/**
 * How many of these words make up the first number, and its value: "two thousand and five" are three words for 2005,
 * "five six" begins with a 5 of one word.
 */
export function readNumberWords(words: readonly PlacedWord[]): {
  count: number;
  value: number;
  ordinal: boolean;
} {
  let total = 0; // closed by a magnitude
  let current = 0; // below a thousand
  let last: NumberWord["kind"] | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  let ordinal = false;
  let count = 0;
  for (const { word, joined } of words) {
    const { kind, value } = word;
    const afterLarge = last === "hundred" || last === "magnitude";
    const opens = last === undefined || afterLarge;
    const fits = {
      zero: last === undefined,
      unit: opens || last === "ten",
      teen: opens,
      ten: opens,
      hundred:
        last === undefined || ((last === "unit" || last === "teen" || last === "ten") && current < 100),
      magnitude: (last === undefined || current > 0) && value < smallest,
      dozen: last === undefined || (last !== "zero" && last !== "magnitude" && current > 0),
    }[kind];
    const joins = afterLarge && (kind === "unit" || kind === "teen" || kind === "ten");
    if (!fits || (count > 0 && joined && !joins)) break;
    if (kind === "hundred" || kind === "dozen") current = (current || 1) * value;
    else if (kind === "magnitude") {
      total += (current || 1) * value;
      current = 0;
      smallest = value;
    } else current += value;
    last = kind;
    count += 1;
    ordinal = word.ordinal;
    if (ordinal || kind === "dozen" || kind === "zero") break;
  }
  return { count, value: total + current, ordinal };
}

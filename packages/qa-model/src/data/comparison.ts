import { type FoundQuantity, findQuantities } from "../tokenization/findQuantities";

/** A question that compares two things named in it by one number each. */
export interface Comparison {
  /** The things compared, as the question names them. */
  candidates: [string, string];
  /** Each one's number in the passage. */
  quantities: [FoundQuantity, FoundQuantity];
  /** Whether the thing with the larger number is asked for. */
  larger: boolean;
  /** Which candidate the two numbers answer with: 0 or 1. */
  answer: 0 | 1;
}

const LARGER =
  /\b(?:larger|largest|more|most|greater|greatest|higher|highest|bigger|biggest|longer|longest)\b/i;
const SMALLER = /\b(?:smaller|smallest|less|least|fewer|fewest|lower|lowest|shorter|shortest)\b/i;
const NEGATED = /\b(?:not|n't|never|without|except)\b|n't\b/i;
const ARTICLES = /^(?:the|a|an)\s+/i;

/**
 * Reads a comparison question, "Which group is larger: A or B?" or "Who had more troops, A or B?", and links A and B
 * with numbers of the passage: each must be named once, in a clause with one number, and both numbers must be of one
 * unit. What cannot be linked for certain is left alone.
 *
 * @returns undefined if the question is no such comparison, or its numbers cannot be found, or are equal.
 */
export function readComparison(passage: string, question: string): Comparison | undefined {
  const match = /^(.*?)[:,]\s*(?:either\s+)?([^:,]+?),?\s+or\s+([^:,]+?)\s*\?*\s*$/i.exec(question);
  if (!match || NEGATED.test(question)) return undefined;
  const [, asked, first, second] = match as unknown as [string, string, string, string];
  const larger = LARGER.test(asked);
  if (larger === SMALLER.test(asked)) return undefined;
  const candidates: [string, string] = [first.replace(ARTICLES, ""), second.replace(ARTICLES, "")];
  const quantities = findQuantities(passage).filter(({ kind }) => kind === "cardinal");
  const a = linkQuantity(passage, candidates[0], quantities);
  const b = linkQuantity(passage, candidates[1], quantities);
  if (!a || !b || a === b || a.unit !== b.unit) return undefined;
  const order = compareDecimals(a.value, b.value);
  if (order === 0) return undefined;
  return { candidates, quantities: [a, b], larger, answer: order > 0 === larger ? 0 : 1 };
}

/** The only number in the only clause that names the thing; numbers within its name do not count. */
function linkQuantity(
  passage: string,
  name: string,
  quantities: readonly FoundQuantity[],
): FoundQuantity | undefined {
  const places = placesOf(passage, name);
  if (places.length !== 1) return undefined;
  const [start, end] = [places[0]!, places[0]! + name.length];
  let from = 0;
  let to = passage.length;
  // A comma or point within a number ends no clause.
  for (const { index } of passage.matchAll(/[;:()\n]|[.,](?!\d)|\band\b/g)) {
    if (index < start) from = index + 1;
    else if (index >= end) {
      to = index;
      break;
    }
  }
  const inClause = quantities.filter(
    (one) => one.start >= from && one.end <= to && (one.end <= start || one.start >= end),
  );
  return inClause.length === 1 ? inClause[0] : undefined;
}

/** Where a name stands as whole words, in any case. */
function placesOf(passage: string, name: string): number[] {
  if (name === "") return [];
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu");
  return [...passage.matchAll(whole)].map(({ index }) => index);
}

/** The sign of a - b, exactly. */
export function compareDecimals(a: string, b: string): number {
  const scaled = scaleDecimals([a, b]);
  return scaled[0]! < scaled[1]! ? -1 : scaled[0]! > scaled[1]! ? 1 : 0;
}

/** Decimals as whole numbers of one common unit, exactly. */
export function scaleDecimals(values: readonly string[]): bigint[] {
  const places = Math.max(0, ...values.map((value) => (value.split(".")[1] ?? "").length));
  return values.map((value) => {
    const [whole, fraction = ""] = value.split(".") as [string, string?];
    return BigInt(whole + fraction.padEnd(places, "0"));
  });
}

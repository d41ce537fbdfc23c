import { ARTICLE, PUNCTUATION } from "./normalizeDropAnswer";
import { pythonSplit } from "./pythonFloat";

/**
 * Brings an answer to the form in which SQuAD compares it: lower case, no ASCII punctuation (hyphens join: "well-known"
 * is "wellknown"), no articles, single blanks. Numbers are words like others.
 *
 * @see `normalize_answer` of SQuAD's evaluate-v1.1.py and evaluate-v2.0.py.
 */
export function normalizeSquadAnswer(text: string): string {
  return pythonSplit(text.toLowerCase().replace(PUNCTUATION, "").replace(ARTICLE, " ")).join(" ");
}

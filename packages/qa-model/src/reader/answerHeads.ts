/**
 * The ways in which a reader may answer: "span" points at one span of question, passage or a function's result,
 * "multi-span" tags several spans of the text, "count" says a number from 0 to 9.
 */
export type AnswerHead = "span" | "multi-span" | "count";

export const ANSWER_HEADS: readonly AnswerHead[] = ["span", "multi-span", "count"];

/** The largest number that a count may be. */
export const LARGEST_COUNT = 9;

/** How a reader answers: with spans alone, where its configuration says nothing. */
export function answerHeads({ heads }: { heads?: readonly AnswerHead[] | undefined }): readonly AnswerHead[] {
  return heads ?? ["span"];
}

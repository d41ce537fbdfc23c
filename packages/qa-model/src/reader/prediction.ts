import type { AnswerHead } from "./answerHeads";

/** Where an answer stands. A count stands nowhere: its source is the passage, its start and end are 0. */
export type AnswerSource = "passage" | "question" | "function";

/** A span of an answer that has several. */
export type AnswerPart = Pick<Answer, "answer" | "score" | "start" | "end" | "source">;

/** An answer and the place it was read from. */
export interface Answer {
  answer: string;
  /** Probability of the span, p_start times p_end, in [0, 1]. */
  score: number;
  /**
   * First character, in UTF-16 units, within the source (for "function": within the call's result): `text.slice(start, end)`
   * is the answer. Programs that count code points, such as Python's, want `codePointOffset(text, start)`.
   */
  start: number;
  /** Behind the last character, in UTF-16 units. */
  end: number;
  source: AnswerSource;
  /** Which of the calls' results the answer stands in, from 0; absent where it is in none, or the reader has one function. */
  call?: number;
}

/** One call of a symbolic function. */
export interface FunctionCall {
  /** Registered name, "symgrad.calculator.v1". */
  function: string;
  /** The arguments in the function's order, also those that an earlier call gave: decimals without commas, dates as 1990-03-05, literals as JSON. */
  arguments: string[];
  /** Which quantities of the text the numbers among them are, counted over the question's and then the passage's. */
  quantities: number[];
  /** What the function returned. */
  result: string;
  /** Probability of these arguments among all candidates, given the calls before, in [0, 1]. */
  probability: number;
}

/**
 * The most probable answer, the calls behind it, and the next ones. Of a reader with several heads `answer` may be several
 * spans, separated by ", ", or a count: {@link predictedAnswer} gives what a metric compares.
 */
export interface Prediction extends Answer {
  /** Which head answered; absent where there is the span head alone. */
  head?: AnswerHead;
  /** The spans of an answer of the multi-span head, in order of the text; `start` and `end` are the first one's and the last one's. */
  spans?: AnswerPart[];
  /** One per function, in order; none of a function that the text has too few quantities for, or of those behind it. */
  calls: FunctionCall[];
  /** Other answers, best first; each differs from the answer and from the others. */
  alternatives: Answer[];
  /**
   * Of a reader that may give no answer: the logit of "no answer" less that of the best span. Above the reader's threshold
   * `answer` is "", with `start` and `end` 0.
   */
  noAnswerScore?: number;
  /** How many numbers of the text were not considered as arguments, where there are more than the reader's limit. */
  omittedQuantities?: number;
}

/** A prediction's answer as metrics take it: a list where the multi-span head answered. */
export function predictedAnswer({ answer, spans }: Prediction): string | string[] {
  return spans ? spans.map((span) => span.answer) : answer;
}

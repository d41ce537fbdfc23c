/** Where an answer stands. */
export type AnswerSource = "passage" | "question" | "function";

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

/** The most probable answer, the calls behind it, and the next ones. */
export interface Prediction extends Answer {
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

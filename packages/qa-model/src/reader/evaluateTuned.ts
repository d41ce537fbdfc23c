import {
  type EvaluateReaderOptions,
  evaluateReader,
  type ReaderEvaluation,
  type ReaderExample,
  scorePredictions,
} from "./evaluateReader";
import type { Reader } from "./reader";
import { tuneNoAnswer, withNoAnswerThreshold } from "./tuneNoAnswer";

/**
 * Scores a reader as {@link evaluateReader} does; one that may give no answer gets the threshold of "no answer" that is
 * best on these examples first, where some of them are impossible.
 */
export async function evaluateTuned(
  reader: Reader,
  examples: readonly ReaderExample[],
  options: EvaluateReaderOptions = {},
): Promise<ReaderEvaluation> {
  const evaluation = await evaluateReader(reader, examples, options);
  const threshold = tuneNoAnswer(examples, evaluation.predictions);
  if (threshold === undefined) return evaluation;
  reader.limits.noAnswerThreshold = threshold;
  const predictions = evaluation.predictions.map((one) => withNoAnswerThreshold(one, threshold));
  return { ...scorePredictions(examples, predictions, reader), count: examples.length, predictions };
}

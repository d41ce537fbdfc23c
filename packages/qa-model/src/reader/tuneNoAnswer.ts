import { bestThreshold } from "../metrics/bestThreshold";
import { squadMetrics } from "../metrics/squadMetrics";
import { answersOf, type ReaderExample } from "./evaluateReader";
import type { Prediction } from "./prediction";

/**
 * The threshold of "no answer" that gives the highest F1 on these examples by SQuAD 2.0's rules: what speaks for no answer
 * is a prediction's `noAnswerScore`.
 *
 * @param predictions One per example, of a reader that may give no answer.
 * @returns `undefined` where no example is impossible, or no prediction says how likely none is.
 * @see evaluate-v2.0.py of SQuAD, `best_f1_thresh`.
 */
export function tuneNoAnswer(
  examples: readonly ReaderExample[],
  predictions: readonly Prediction[],
): number | undefined {
  const scores = predictions.map(({ noAnswerScore }) => noAnswerScore);
  if (!examples.some(({ impossible }) => impossible) || scores.includes(undefined)) return undefined;
  const questions = predictions.map((prediction, i) => {
    const example = examples[i]!;
    const golds = example.impossible ? [] : answersOf(example);
    const { f1 } = squadMetrics(givenAnswer(prediction), golds, { version: 2 });
    return { noAnswer: scores[i]!, answerable: !example.impossible, score: f1 };
  });
  const lowest = questions.reduce((least, { noAnswer }) => Math.min(least, noAnswer), 0);
  return bestThreshold(questions).threshold ?? lowest - 1;
}

/** The most probable text, also where the prediction is that there is none. */
export function givenAnswer({ answer, alternatives }: Prediction): string {
  return answer === "" ? (alternatives[0]?.answer ?? "") : answer;
}

/**
 * How likely it is that nothing answers the question, against the best span alone, in [0, 1]: 0.5 where both have one
 * logit, so at a threshold of 0. NaN of a reader that always answers.
 */
export function noAnswerProbability({ noAnswerScore }: Prediction): number {
  return 1 / (1 + Math.exp(-(noAnswerScore ?? Number.NaN)));
}

/** The prediction as a reader with this threshold makes it, but for the number of its alternatives. */
export function withNoAnswerThreshold(prediction: Prediction, threshold: number): Prediction {
  const { noAnswerScore, alternatives } = prediction;
  const isNone = prediction.answer === "";
  if (noAnswerScore === undefined || isNone === noAnswerScore > threshold) return prediction;
  if (isNone) return { ...prediction, ...alternatives[0], alternatives: alternatives.slice(1) };
  const { answer, score, start, end, source, call } = prediction;
  return {
    ...prediction,
    answer: "",
    // The logits of a span and of none differ by `noAnswerScore`.
    score: score * Math.exp(noAnswerScore),
    start: 0,
    end: 0,
    source: "passage",
    alternatives: [
      { answer, score, start, end, source, ...(call === undefined ? {} : { call }) },
      ...alternatives,
    ],
  };
}

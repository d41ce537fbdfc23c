import { SymgradError } from "@symgrad/core";
import type { SquadData } from "../data/readSquad";
import { createScoreReport, type ScoreReport } from "./scoreReport";
import { squadMetrics } from "./squadMetrics";

export interface EvaluateSquadOptions {
  /** Version 2: per question how likely it is that nothing answers it, in [0, 1]. */
  noAnswerProbabilities?: ReadonlyMap<string, number> | undefined;
  /** Above this probability the prediction counts as "no answer". Default 1. */
  noAnswerThreshold?: number | undefined;
}

/**
 * Scores predictions for a SQuAD file as the official evaluators do. The types of version 2 are "answerable" and
 * "unanswerable" ("HasAns" and "NoAns" there), in version 1 all questions are "answerable". A question without a prediction
 * scores 0; version 2's script cannot score such a file.
 *
 * @throws SymgradError `E_USAGE` if there is no question, or a question's probability is missing.
 * @see evaluate-v1.1.py and evaluate-v2.0.py of SQuAD.
 */
export function evaluateSquad(
  { version, questions }: SquadData,
  predictions: ReadonlyMap<string, string>,
  options: EvaluateSquadOptions = {},
): ScoreReport {
  if (questions.length === 0)
    throw new SymgradError("E_USAGE", "evaluateSquad: there is no question to score.");
  const { noAnswerProbabilities, noAnswerThreshold = 1 } = options;
  const scores = questions.map(({ id, answers }) => {
    const answerable = answers.length > 0 || version === 1;
    const type = answerable ? "answerable" : "unanswerable";
    const prediction = predictions.get(id);
    if (prediction === undefined) return { type, exactMatch: 0, f1: 0 };
    const probability = noAnswerProbabilities?.get(id);
    if (noAnswerProbabilities && probability === undefined) {
      throw new SymgradError("E_USAGE", `there is no probability of no answer for question "${id}".`);
    }
    if (probability !== undefined && probability > noAnswerThreshold) {
      const right = answerable ? 0 : 1;
      return { type, exactMatch: right, f1: right };
    }
    const golds = answers.map(({ text }) => text);
    return { type, ...squadMetrics(prediction, golds, { version }) };
  });
  return createScoreReport(
    scores,
    questions.map(({ id }) => id),
    predictions,
  );
}

import { SymgradError } from "@symgrad/core";
import type { SquadData } from "../data/readSquad";
import { bestThreshold } from "./bestThreshold";
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
 * With probabilities the report says, too, which threshold would have been best (`best_exact_thresh`, `best_f1_thresh`);
 * for that, predictions should be the best texts, also where none is likelier.
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
  const all = questions.map(({ id, answers }) => {
    const answerable = answers.length > 0 || version === 1;
    const prediction = predictions.get(id);
    const golds = answers.map(({ text }) => text);
    const given =
      prediction === undefined ? { exactMatch: 0, f1: 0 } : squadMetrics(prediction, golds, { version });
    const noAnswer = noAnswerProbabilities?.get(id);
    if (prediction !== undefined && noAnswerProbabilities && noAnswer === undefined) {
      throw new SymgradError("E_USAGE", `there is no probability of no answer for question "${id}".`);
    }
    return { answerable, isMissing: prediction === undefined, given, noAnswer: noAnswer ?? 0 };
  });
  const scores = all.map(({ answerable, isMissing, given, noAnswer }) => {
    const none = answerable ? 0 : 1;
    const isNone = noAnswerProbabilities !== undefined && !isMissing && noAnswer > noAnswerThreshold;
    const type = answerable ? "answerable" : "unanswerable";
    return { type, ...(isNone ? { exactMatch: none, f1: none } : given) };
  });
  const report = createScoreReport(
    scores,
    questions.map(({ id }) => id),
    predictions,
  );
  if (!noAnswerProbabilities) return report;
  const best = (name: "exactMatch" | "f1") => {
    const predicted = all.filter(({ isMissing }) => !isMissing);
    const { score, threshold = 0 } = bestThreshold(
      predicted.map((one) => ({ ...one, score: one.given[name] })),
    );
    return { score: (score * predicted.length) / all.length, threshold };
  };
  return { ...report, best: { exactMatch: best("exactMatch"), f1: best("f1") } };
}

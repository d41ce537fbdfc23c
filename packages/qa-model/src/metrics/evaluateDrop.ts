import { SymgradError } from "@symgrad/core";
import { type DropQuestion, dropAnswerTexts } from "../data/readDrop";
import { dropMetrics } from "./dropMetrics";
import { pythonSplit } from "./pythonFloat";
import { createScoreReport, type QuestionScore, type ScoreReport } from "./scoreReport";

/** Answers by question id: a text, or several for an answer of several spans. */
export type Predictions = ReadonlyMap<string, string | readonly string[]>;

/**
 * Scores predictions for a DROP file as the official evaluator's report does. Of several annotators the best counts,
 * exact match and F1 apart; the type counted is that of the last annotator who reaches both maxima; annotators whose
 * first text is blank cannot score ("none" where all are); a question without a prediction scores 0.
 *
 * @throws SymgradError `E_FORMAT` if a question has no gold answer at all; `E_USAGE` if there is no question.
 * @see `evaluate_json` in allennlp_rc/eval/drop_eval.py of allenai/allennlp-reading-comprehension at 14fc0a4.
 */
export function evaluateDrop(questions: readonly DropQuestion[], predictions: Predictions): ScoreReport {
  if (questions.length === 0)
    throw new SymgradError("E_USAGE", "evaluateDrop: there is no question to score.");
  const scores = questions.map((question) => scoreQuestion(question, predictions.get(question.id)));
  return createScoreReport(
    scores,
    questions.map(({ id }) => id),
    predictions,
  );
}

function scoreQuestion(
  { id, passageId, answer, validatedAnswers }: DropQuestion,
  prediction: string | readonly string[] | undefined,
): QuestionScore {
  if (!answer) {
    throw new SymgradError("E_FORMAT", `question "${id}" has no gold answer to score against.`, {
      where: `passage ${passageId}`,
      hint: "score against a file with answers",
    });
  }
  if (prediction === undefined) return { type: dropAnswerTexts(answer).type, exactMatch: 0, f1: 0 };
  const best: QuestionScore = { type: "none", exactMatch: 0, f1: 0 };
  for (const { texts, type } of [answer, ...validatedAnswers].map(dropAnswerTexts)) {
    if (pythonSplit(texts[0]!).length === 0) continue;
    const { exactMatch, f1 } = dropMetrics(prediction, texts);
    best.exactMatch = Math.max(best.exactMatch, exactMatch);
    // Two empty lists have no F1: as in the original, that never is the highest.
    if (f1 > best.f1) best.f1 = f1;
    if (exactMatch === best.exactMatch && f1 === best.f1) best.type = type;
  }
  return best;
}

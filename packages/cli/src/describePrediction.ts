import type { Prediction } from "@symgrad/qa-model";

const sources = {
  passage: "read in the passage",
  question: "read in the question",
  function: "read in the function's result",
} as const;

/** A prediction for people: the answer, where it was read, and what was asked of the function. */
export function describePrediction(prediction: Prediction): string {
  const { answer, source, score, head, calls, noAnswerScore, omittedQuantities } = prediction;
  const none = noAnswerScore !== undefined && answer === "";
  const lines = [
    none
      ? `Answer:     none, by ${noAnswerScore.toFixed(2)} above the best span`
      : `Answer:     ${answer} (${head === "count" ? "counted" : sources[source]}, probability ${score.toFixed(3)})`,
  ];
  for (const call of calls) {
    lines.push(
      `Asked for:  ${call.arguments.join(" and ")} (probability ${call.probability.toFixed(3)})`,
      `Result:     ${call.result}`,
    );
  }
  if (omittedQuantities) lines.push(`Left out:   ${omittedQuantities} numbers beyond the reader's limit`);
  return lines.join("\n");
}

import type { ExplainedToken, Explanation } from "@symgrad/qa-model";
import { describePrediction } from "./describePrediction";

/** How many tokens a list shows. */
const SHOWN = 10;

/** An explanation for people: the answer, and the tokens that it rests on most. */
export function describeExplanation({ prediction, tokens, logProb, baselineLogProb }: Explanation): string {
  const width = Math.max(...tokens.map(({ token }) => token.length));
  const list = (field: "gradientNorm" | "attribution" | "attention") =>
    [...tokens]
      .filter(({ source }) => source !== "special")
      .sort((a, b) => Math.abs(b[field]) - Math.abs(a[field]))
      .slice(0, SHOWN)
      .map(
        (token: ExplainedToken) =>
          `  ${token.token.padEnd(width)}  ${token[field].toFixed(4).padStart(8)}  ${token.source}`,
      );
  return [
    describePrediction(prediction),
    `log p:      ${logProb.toFixed(4)} (blank text: ${baselineLogProb.toFixed(4)})`,
    "",
    "Gradient norm",
    ...list("gradientNorm"),
    "Integrated gradients",
    ...list("attribution"),
    "Attention",
    ...list("attention"),
  ].join("\n");
}

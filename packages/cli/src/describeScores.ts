import type { ScoreReport } from "@symgrad/qa-model";
import { percent } from "./percent";

/** A score report as the document of `--json`: percent, unrounded. */
export function scoresDocument(report: ScoreReport): Record<string, unknown> {
  const scale = ({ count, exactMatch, f1 }: ScoreReport["perType"][string]) => ({
    count,
    exactMatch: 100 * exactMatch,
    f1: 100 * f1,
  });
  const { perType, interval, missing, unknown, best } = report;
  return {
    ...scale(report),
    perType: Object.fromEntries(Object.entries(perType).map(([type, scores]) => [type, scale(scores)])),
    interval: {
      level: interval.level,
      exactMatch: interval.exactMatch.map((share) => 100 * share),
      f1: interval.f1.map((share) => 100 * share),
    },
    ...(best
      ? {
          best: {
            exactMatch: { score: 100 * best.exactMatch.score, threshold: best.exactMatch.threshold },
            f1: { score: 100 * best.f1.score, threshold: best.f1.threshold },
          },
        }
      : {}),
    missing,
    unknown: unknown.length,
  };
}

/** The same as a table for people. */
export function describeScores(report: ScoreReport): string {
  const { perType, interval, count, missing, unknown, best } = report;
  const range = ([low, high]: [number, number]) => `${percent(low)} to ${percent(high)}`;
  const lines = [
    `Exact match  ${percent(report.exactMatch)}  (95 %: ${range(interval.exactMatch)})`,
    `F1           ${percent(report.f1)}  (95 %: ${range(interval.f1)})`,
    `Questions    ${count}${missing > 0 ? `, ${missing} of them without a prediction` : ""}`,
    "",
    `${"type".padEnd(14)}${"count".padStart(7)}${"EM".padStart(8)}${"F1".padStart(8)}`,
    ...Object.entries(perType).map(
      ([type, scores]) =>
        type.padEnd(14) +
        String(scores.count).padStart(7) +
        percent(scores.exactMatch).padStart(8) +
        percent(scores.f1).padStart(8),
    ),
  ];
  if (best) {
    const at = ({ score, threshold }: typeof best.f1) =>
      `${percent(score)} at a threshold of ${threshold.toPrecision(4)}`;
    lines.push("", `Best exact match  ${at(best.exactMatch)}`, `Best F1           ${at(best.f1)}`);
  }
  if (unknown.length > 0) {
    const some = unknown.slice(0, 3).join(", ");
    lines.push(
      "",
      `${unknown.length} predictions belong to no question and were left out: ${some}${unknown.length > 3 ? ", ..." : ""}`,
    );
  }
  return lines.join("\n");
}

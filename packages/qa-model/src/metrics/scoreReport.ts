import { key } from "@symgrad/core";
import { numpyMean } from "./numpyMean";

/** Mean scores over questions, from 0 to 1. */
export interface MeanScores {
  count: number;
  exactMatch: number;
  f1: number;
}

/** What a data set's predictions score. */
export interface ScoreReport extends MeanScores {
  /** The same for each kind of question. */
  perType: Record<string, MeanScores>;
  /** Where the means lie with 95 % confidence, were the questions drawn anew: percentile bootstrap over questions. */
  interval: { level: number; exactMatch: [low: number, high: number]; f1: [low: number, high: number] };
  /** SQuAD 2.0 with probabilities of no answer: the highest means over all thresholds, and these; 0 to answer nothing. */
  best?: Record<"exactMatch" | "f1", { score: number; threshold: number }>;
  /** Questions without a prediction, which score 0. */
  missing: number;
  /** Ids of predictions that no question has; they are not scored. */
  unknown: string[];
}

/** One question's scores. */
export interface QuestionScore {
  type: string;
  exactMatch: number;
  f1: number;
}

const LEVEL = 0.95;
const RESAMPLES = 1000;

/** Means, means per type in alphabetical order, and bootstrap intervals, which are the same at every call. */
export function createScoreReport(
  scores: readonly QuestionScore[],
  ids: readonly string[],
  predictions: ReadonlyMap<string, unknown>,
): ScoreReport {
  const known = new Set(ids);
  const types = [...new Set(scores.map(({ type }) => type))].sort();
  return {
    ...meanScores(scores),
    perType: Object.fromEntries(
      types.map((type) => [type, meanScores(scores.filter((score) => score.type === type))]),
    ),
    interval: { level: LEVEL, ...bootstrap(scores) },
    missing: ids.filter((id) => !predictions.has(id)).length,
    unknown: [...predictions.keys()].filter((id) => !known.has(id)),
  };
}

function meanScores(scores: readonly QuestionScore[]): MeanScores {
  return {
    count: scores.length,
    exactMatch: numpyMean(scores.map(({ exactMatch }) => exactMatch)),
    f1: numpyMean(scores.map(({ f1 }) => f1)),
  };
}

/** @see Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3 (percentile intervals). */
function bootstrap(scores: readonly QuestionScore[]): Pick<ScoreReport["interval"], "exactMatch" | "f1"> {
  const count = scores.length;
  const root = key("score report");
  const exactMatches = new Float64Array(RESAMPLES);
  const f1s = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let exactMatch = 0;
    let f1 = 0;
    // The bias of scaling 32 random bits is below count / 2^32.
    for (const word of root.fold(resample).bits(count)) {
      const score = scores[Math.floor((word / 2 ** 32) * count)]!;
      exactMatch += score.exactMatch;
      f1 += score.f1;
    }
    exactMatches[resample] = exactMatch / count;
    f1s[resample] = f1 / count;
  }
  return { exactMatch: middle(exactMatches), f1: middle(f1s) };
}

function middle(means: Float64Array): [number, number] {
  means.sort();
  const outside = ((1 - LEVEL) / 2) * (means.length - 1);
  return [means[Math.floor(outside)]!, means[Math.ceil(means.length - 1 - outside)]!];
}

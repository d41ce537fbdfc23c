import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedFile } from "../../test/sharedData";
import { parseDrop, readDrop } from "../data/readDrop";
import { parseSquad } from "../data/readSquad";
import { evaluateDrop } from "./evaluateDrop";
import { evaluateSquad } from "./evaluateSquad";
import { normalizeSquadAnswer } from "./normalizeSquadAnswer";
import { createScoreReport } from "./scoreReport";
import { squadMetrics } from "./squadMetrics";

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../fixtures/${name}`, import.meta.url), "utf8"));
// Written for this project; the expected values are the official evaluators' own.
const squad = fixture("squad-metric/cases.json") as { pairs: SquadPair[]; datasets: SquadDataset[] };
const drop = fixture("drop-metric/cases.json") as { datasets: DropDataset[] };

type Scores = { count: number; em_percent: number; f1_percent: number };
interface DropDataset {
  name: string;
  annotations: unknown;
  predictions: Record<string, string | string[]>;
  global_em: number;
  global_f1: number;
  per_type: Record<string, Scores>;
}
interface SquadPair {
  id: number;
  prediction: string;
  golds: string[];
  v1: { exact_match: number; f1: number };
  v2: { exact: number; f1: number };
  normalized_prediction: string;
}
interface SquadDataset {
  name: string;
  version: string;
  data: unknown;
  predictions: Record<string, string>;
  na_probs?: Record<string, number> | null;
  na_prob_thresh?: number;
  result: Record<string, number>;
}
const thousandth = (share: number) => Math.round(1e5 * share) / 1e3;
const mapOf = <T>(record: Record<string, T>) => new Map(Object.entries(record));

/** Per type as the official report prints it. */
function printed(report: ReturnType<typeof evaluateDrop>): Record<string, Scores> {
  return Object.fromEntries(
    Object.entries(report.perType).map(([type, { count, exactMatch, f1 }]) => [
      type,
      { count, em_percent: thousandth(exactMatch), f1_percent: thousandth(f1) },
    ]),
  );
}

describe("DROP's report equals the official one", () => {
  test.each(drop.datasets)("$name", ({ annotations, predictions, global_em, global_f1, per_type }) => {
    const questions = parseDrop(annotations, "case", { answers: "optional" });
    const report = evaluateDrop(questions, mapOf(predictions));
    expect([report.exactMatch, report.f1]).toEqual([global_em, global_f1]);
    expect(printed(report)).toEqual(per_type);
  });

  const gold = sharedFile("qa/drop-dev-a.drop-format.json.gz");
  const scored = sharedFile("qa/drop-dev-a.scored-predictions.json.gz");
  test.skipIf(!gold || !scored)("4,547 questions of DROP dev (SYMGRAD_DATA)", async () => {
    const expected = JSON.parse(gunzipSync(readFileSync(scored!)).toString());
    const report = evaluateDrop(await readDrop(gold!), mapOf(expected.predictions));
    expect([report.exactMatch, report.f1]).toEqual([expected.global_em, expected.global_f1]);
    expect(printed(report)).toEqual(expected.per_type);
    const given = Object.keys(expected.predictions).length;
    expect([report.count, report.missing, report.unknown]).toEqual([4547, 4547 - given, []]);
    const { level, exactMatch, f1 } = report.interval;
    expect(level).toBe(0.95);
    // Of a mean of n coins with share p: 1.96 sqrt(p (1 - p) / n) = 0.01445 to either side.
    expect(report.exactMatch - exactMatch[0]).toBeCloseTo(0.0145, 2);
    expect(exactMatch[1] - report.exactMatch).toBeCloseTo(0.0145, 2);
    expect(f1[0]).toBeLessThan(report.f1);
    expect(f1[1]).toBeGreaterThan(report.f1);
  });

  const answer = (fields: object) => ({ number: "", spans: [], ...fields });
  const file = (pair: object) => ({
    p: { passage: "", qa_pairs: [{ query_id: "q", question: "?", ...pair }] },
  });
  const score = (pair: object, prediction: string | string[]) =>
    evaluateDrop(parseDrop(file(pair), "case", { answers: "optional" }), new Map([["q", prediction]]));

  test("the type is that of the last annotator who reaches both maxima", () => {
    const golds = {
      answer: answer({ spans: ["five"] }),
      validated_answers: [answer({ number: "5" }), answer({ spans: ["a b", "c"] })],
    };
    expect(Object.keys(score(golds, "5").perType)).toEqual(["number"]);
    expect(Object.keys(score(golds, "five").perType)).toEqual(["span"]);
    // Nobody scores: 0/0 is reached by all, so the last one counts.
    expect(Object.keys(score(golds, "x").perType)).toEqual(["spans"]);
    expect(score({ answer: answer({ spans: [" "] }) }, "").perType).toEqual({
      none: { count: 1, exactMatch: 0, f1: 0 },
    });
  });

  test("no gold at all: told, with the question and its passage", () => {
    expect(() => score({}, "x")).toThrow(/E_FORMAT.*"q"[\s\S]*passage p/);
  });

  test("missing and unknown predictions are told", () => {
    const questions = parseDrop(file({ answer: answer({ number: "5" }) }), "case");
    const report = evaluateDrop(questions, new Map([["z", "5"]]));
    expect(report).toMatchObject({ f1: 0, missing: 1, unknown: ["z"], perType: { number: { count: 1 } } });
    expect(() => evaluateDrop([], new Map())).toThrow(/E_USAGE/);
  });
});

describe("SQuAD's scores equal the official ones", () => {
  test.each(squad.pairs)(
    "case $id: $prediction for $golds",
    ({ prediction, golds, v1, v2, normalized_prediction }) => {
      expect(normalizeSquadAnswer(prediction)).toBe(normalized_prediction);
      expect(squadMetrics(prediction, golds, { version: 1 })).toEqual({
        exactMatch: v1.exact_match,
        f1: v1.f1,
      });
      expect(squadMetrics(prediction, golds, { version: 2 })).toEqual({ exactMatch: v2.exact, f1: v2.f1 });
    },
  );

  test.each(squad.datasets)("$name", ({ version, data, predictions, na_probs, na_prob_thresh, result }) => {
    const report = evaluateSquad(parseSquad({ version, data }, "case"), mapOf(predictions), {
      ...(na_probs ? { noAnswerProbabilities: mapOf(na_probs), noAnswerThreshold: na_prob_thresh } : {}),
    });
    expect(100 * report.exactMatch).toBeCloseTo((result.exact ?? result.exact_match)!, 10);
    expect(100 * report.f1).toBeCloseTo(result.f1!, 10);
    expect(report.best === undefined).toBe(result.best_f1 === undefined);
    if (report.best) {
      expect(100 * report.best.exactMatch.score).toBeCloseTo(result.best_exact!, 10);
      expect(100 * report.best.f1.score).toBeCloseTo(result.best_f1!, 10);
      expect(report.best.exactMatch.threshold).toBe(result.best_exact_thresh);
      expect(report.best.f1.threshold).toBe(result.best_f1_thresh);
    }
    if (result.total === undefined) return;
    expect(report.count).toBe(result.total);
    for (const [type, name] of [
      ["answerable", "HasAns"],
      ["unanswerable", "NoAns"],
    ] as const) {
      expect(report.perType[type]!.count).toBe(result[`${name}_total`]);
      expect(100 * report.perType[type]!.exactMatch).toBeCloseTo(result[`${name}_exact`]!, 10);
      expect(100 * report.perType[type]!.f1).toBeCloseTo(result[`${name}_f1`]!, 10);
    }
  });

  test("a probability that is missing is told", () => {
    const data = parseSquad({ version: "2.0", data: squad.datasets[1]!.data }, "case");
    const options = { noAnswerProbabilities: new Map([["s1", 0]]) };
    expect(() => evaluateSquad(data, mapOf({ s1: "x", s2: "y" }), options)).toThrow(/E_USAGE.*"s2"/);
  });

  test("an answer equals itself; exact match is at most F1 where words are left; repeated words count", () => {
    const word = fc.constantFrom("the", "x", "y", "x-y", "Y", "5");
    const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(normalizeSquadAnswer(a) !== "" && normalizeSquadAnswer(b) !== "");
        expect(squadMetrics(a, [a], { version: 1 })).toEqual({ exactMatch: 1, f1: 1 });
        const one = squadMetrics(a, [b], { version: 1 });
        expect(one).toEqual(squadMetrics(a, [b], { version: 2 }));
        expect(one.exactMatch).toBeLessThanOrEqual(one.f1);
        expect(one.f1).toBeCloseTo(squadMetrics(b, [a], { version: 1 }).f1, 12);
      }),
    );
    expect(squadMetrics("x x", ["x"], { version: 1 }).f1).toBeCloseTo(2 / 3, 12);
  });
});

test("bootstrap intervals are those of the normal approximation where that holds", () => {
  const scores = Array.from({ length: 900 }, (_, i) => {
    const value = i % 10 < 3 ? 1 : 0;
    return { type: "x", exactMatch: value, f1: value };
  });
  const { exactMatch } = createScoreReport(scores, [], new Map()).interval;
  // 1.96 sqrt(0.3 * 0.7 / 900) = 0.0299; of 1,000 resamples each end has a standard error of about 0.001.
  expect(exactMatch[0]).toBeGreaterThan(0.2701 - 0.004);
  expect(exactMatch[0]).toBeLessThan(0.2701 + 0.004);
  expect(exactMatch[1]).toBeGreaterThan(0.3299 - 0.004);
  expect(exactMatch[1]).toBeLessThan(0.3299 + 0.004);
});

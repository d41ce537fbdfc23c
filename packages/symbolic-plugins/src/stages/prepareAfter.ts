import { SymgradError } from "@symgrad/core";
import { type Candidates, listCandidates, tuplesOf } from "../candidates";
import type { SymbolicFunction } from "../define";
import type { EvaluatedResult } from "../evaluate";
import type { Prepared } from "../layer/prepare";
import type { PreparedRow } from "../layer/preparedRow";
import { type StagedExample, stageResults } from "./fromStage";

/** The most candidates one example may have over all its stages together. */
const mostCandidates = 65_536;

/**
 * What a function may be called with after earlier stages: its candidates for every combination of the candidates that
 * those may choose, example by example and combination by combination.
 *
 * @param stages What the earlier stages prepared for the same examples, with results (not compact).
 * @throws SymgradError as {@link listCandidates}; `E_RANGE` above 65,536 candidates over all stages for one example;
 *   `E_USAGE` if a stage has another batch, no results, or is there twice.
 */
export function listAfter(
  fn: SymbolicFunction,
  stages: readonly Prepared[],
  examples: readonly object[],
): Candidates {
  assertStages(fn, stages, examples);
  const staged = examples.map((example, e) =>
    combinationsOf(stages, e).map(
      (combination): StagedExample => ({
        ...example,
        [stageResults]: new Map(
          stages.map((stage, i) => [stage.function.name, resultOf(stage.rows[e]!, combination[i]!)]),
        ),
      }),
    ),
  );
  const candidates = listCandidates(fn, staged.flat());
  let at = 0;
  for (const [e, { length }] of staged.entries()) {
    const most = candidates.counts
      .subarray(at, at + length)
      .reduce((most, count) => Math.max(most, count), 0);
    assertSize(fn, e, length, most); // before the function is called for any of them
    at += length;
  }
  return candidates;
}

/**
 * Joins the rows of {@link listAfter}'s candidates into one for each example: a table of combinations x own candidates,
 * those of any combination in lexicographic order. Where a combination lacks one, it may not be chosen.
 *
 * @throws SymgradError `E_RANGE` above 65,536 candidates for one example.
 */
export function joinRows(
  fn: SymbolicFunction,
  stages: readonly Prepared[],
  rows: readonly PreparedRow[],
): PreparedRow[] {
  let at = 0;
  return stages[0]!.rows.map((_, e) => {
    const { length } = combinationsOf(stages, e);
    at += length;
    return joinExample(fn, rows.slice(at - length, at), e);
  });
}

function joinExample(fn: SymbolicFunction, rows: readonly PreparedRow[], e: number): PreparedRow {
  const width = Object.keys(fn.args).length;
  const own = new Map<string, readonly number[]>();
  for (const row of rows) for (const tuple of tuplesOf(row.tuples, width)) own.set(tuple.join(), tuple);
  const tuples = [...own.values()].sort(lexicographic);
  const count = rows.length * tuples.length;
  assertSize(fn, e, rows.length, tuples.length);
  const offsets = new Int32Array(count + 1);
  const mask = new Uint8Array(count);
  const results: EvaluatedResult[] = [];
  const parts: Uint16Array[] = [];
  const undefinedCounts: Record<string, number> = {};
  for (const row of rows) {
    const placeOf = new Map(tuplesOf(row.tuples, width).map((tuple, place) => [tuple.join(), place]));
    for (const tuple of tuples) {
      const place = placeOf.get(tuple.join());
      const part =
        place === undefined
          ? new Uint16Array()
          : row.ids.subarray(row.offsets[place]!, row.offsets[place + 1]!);
      offsets[parts.length + 1] = offsets[parts.length]! + part.length;
      mask[parts.length] = place === undefined ? 0 : row.mask[place]!;
      results.push(
        place === undefined ? { kind: "undefined", reason: "not a candidate" } : resultOf(row, place),
      );
      parts.push(part);
    }
    for (const [reason, times] of Object.entries(row.undefinedCounts)) {
      undefinedCounts[reason] = (undefinedCounts[reason] ?? 0) + times;
    }
  }
  const ids = new Uint16Array(offsets[count]!);
  for (const [i, part] of parts.entries()) ids.set(part, offsets[i]!);
  return {
    count,
    before: rows.length,
    tuples: Int32Array.from(tuples.flat()),
    ids,
    offsets,
    mask,
    undefinedCounts,
    droppedMass: 0,
    results,
  };
}

function assertSize(fn: SymbolicFunction, e: number, before: number, own: number): void {
  if (before * own <= mostCandidates) return;
  throw new SymgradError(
    "E_RANGE",
    `${fn.name}: example ${e} of the batch has ${before} x ${own} candidates over its stages; at most ${mostCandidates}.`,
    { hint: "keep fewer candidates of the earlier stages: keepTop(prepared, scores, k)" },
  );
}

/** One candidate of each stage, the last stage's changing fastest. */
function combinationsOf(stages: readonly Prepared[], example: number): number[][] {
  return stages.reduce<number[][]>(
    (before, stage) =>
      before.flatMap((places) =>
        Array.from({ length: stage.rows[example]!.count }, (_, place) => [...places, place]),
      ),
    [[]],
  );
}

function resultOf({ results }: PreparedRow, candidate: number): EvaluatedResult {
  return results![candidate]!;
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((index, argument) => index !== b[argument]);
  return first < 0 ? 0 : a[first]! - b[first]!;
}

function assertStages(fn: SymbolicFunction, stages: readonly Prepared[], examples: readonly object[]): void {
  const refuse = (sentence: string, hint?: string): never => {
    throw new SymgradError("E_USAGE", `${fn.name}: ${sentence}`, { hint });
  };
  if (stages.length === 0)
    refuse("prepareAfter needs at least one stage.", "without stages use layer.prepare");
  const names = stages.map((stage) => stage.function.name);
  if (new Set(names).size !== names.length) {
    refuse(`two stages run the same function, among ${names.join(", ")}.`, "define it under a second name");
  }
  for (const { rows, function: stage } of stages) {
    if (rows.length !== examples.length) {
      refuse(`the stage ${stage.name} was prepared for ${rows.length} examples, got ${examples.length}.`);
    }
    if (rows.some(({ results }) => results === undefined)) {
      refuse(`the stage ${stage.name} has compact rows, without results.`);
    }
  }
}

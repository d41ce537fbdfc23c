import { SymgradError } from "@symgrad/core";
import { type Candidates, listCandidates, tuplesOf } from "../candidates";
import type { SymbolicFunction } from "../define";
import type { EvaluatedResult } from "../evaluate";
import type { Prepared } from "../layer/prepare";
import { ownCandidates, type PreparedRow } from "../layer/preparedRow";
import { afterStages, type StagedExample } from "./fromStage";

/** The most candidates one example may have over all its stages together. */
const mostCandidates = 65_536;

/**
 * Examples as a staged function sees them: for each example one after every combination of the candidates that earlier
 * stages may choose.
 *
 * @param stages What the earlier stages prepared for the same examples, with results (not compact).
 * @throws SymgradError `E_USAGE` if a stage has another batch, no results, or is there twice.
 */
export function stageExamples(
  fn: SymbolicFunction,
  stages: readonly Prepared[],
  examples: readonly object[],
): StagedExample[][] {
  assertStages(fn, stages, examples);
  return examples.map((example, e) =>
    combinationsOf(stages, e).map((combination) =>
      afterStages(
        example,
        new Map(stages.map((stage, i) => [stage.function.name, resultOf(stage.rows[e]!, combination[i]!)])),
      ),
    ),
  );
}

/**
 * What a function may be called with after earlier stages: its candidates example by example and combination by
 * combination.
 *
 * @throws SymgradError as {@link listCandidates}; `E_RANGE` above 65,536 candidates over all stages for one example.
 */
export function listStaged(fn: SymbolicFunction, staged: readonly (readonly object[])[]): Candidates {
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

/** The value that an argument's index stands for after one of the combinations, for tuples that compare between them. */
export type PlaceOf = (example: number, combination: number, argument: number, index: number) => number;

/**
 * Joins the rows of {@link listStaged}'s candidates into one for each example: a table of combinations x own candidates,
 * those of any combination in lexicographic order. Where a combination lacks one, it may not be chosen.
 *
 * @param axes For each example the candidates of each earlier stage; their product is the number of its combinations.
 * @param placeOf Default: the same index is the same value after every combination.
 * @throws SymgradError `E_RANGE` above 65,536 candidates for one example.
 */
export function joinRows(
  fn: SymbolicFunction,
  axes: readonly (readonly number[])[],
  rows: readonly PreparedRow[],
  placeOf?: PlaceOf,
): PreparedRow[] {
  let at = 0;
  return axes.map((sizes, e) => {
    const length = sizes.reduce((product, size) => product * size, 1);
    at += length;
    return joinExample(fn, rows.slice(at - length, at), sizes, e, placeOf);
  });
}

/** For each example the candidates of each stage, those of the stages before them included. */
export function axesOf(stages: readonly Prepared[], examples: number): number[][] {
  return Array.from({ length: examples }, (_, e) =>
    stages.flatMap(({ rows }) => {
      const row = rows[e]!;
      return [...(row.axes ?? []), ownCandidates(row)];
    }),
  );
}

function joinExample(
  fn: SymbolicFunction,
  rows: readonly PreparedRow[],
  axes: readonly number[],
  e: number,
  placeOf: PlaceOf | undefined,
): PreparedRow {
  const width = Object.keys(fn.args).length;
  const own = new Map<string, readonly number[]>();
  const places = rows.map((row, combination) => {
    const listed = tuplesOf(row.tuples, width);
    const tuples = placeOf
      ? listed.map((tuple) => tuple.map((index, argument) => placeOf(e, combination, argument, index)))
      : listed;
    const names = tuples.map((tuple) => tuple.join());
    for (const [i, name] of names.entries()) own.set(name, tuples[i]!);
    return new Map(names.map((name, place) => [name, place]));
  });
  const tuples = [...own].sort(([, a], [, b]) => lexicographic(a, b));
  const count = rows.length * tuples.length;
  assertSize(fn, e, rows.length, tuples.length);
  const offsets = new Int32Array(count + 1);
  const mask = new Uint8Array(count);
  const results: EvaluatedResult[] = [];
  const parts: Uint16Array[] = [];
  const undefinedCounts: Record<string, number> = {};
  for (const [combination, row] of rows.entries()) {
    for (const [name] of tuples) {
      const place = places[combination]!.get(name);
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
    axes,
    tuples: Int32Array.from(tuples.flatMap(([, tuple]) => tuple)),
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

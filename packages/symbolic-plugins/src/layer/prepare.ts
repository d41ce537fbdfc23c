import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { type Candidates, tuplesOf } from "../candidates";
import { describeCall, type EvaluatedResult, type Evaluator } from "../evaluate";
import { collate, type PreparedInputs } from "./collate";
import { type PreparedRow, packRow, type UndefinedPolicy } from "./preparedRow";

/** One candidate's result, for people and for labels. */
export type CandidateResult =
  | { readonly text: string; readonly values: readonly string[]; readonly tokenIds: number[] }
  | { readonly undefined: string };

/** A batch's results as tensors, and what they stand for. */
export interface Prepared {
  readonly inputs: PreparedInputs;
  readonly rows: readonly PreparedRow[];
  /** The candidates of an example as index tuples. */
  tuples(example: number): number[][];
  result(example: number, candidate: number): CandidateResult;
  /** How many candidates of the batch had no result, by reason. */
  readonly undefinedCounts: Readonly<Record<string, number>>;
  dispose(): void;
}

export interface RowRules {
  evaluator: Evaluator;
  policy: UndefinedPolicy;
  /** Whether a candidate without a result is an error. */
  fail: boolean;
  /** The most asynchronous calls under way at once. */
  concurrency: number;
}

export interface RowOptions {
  /** Stops waiting for asynchronous calls: preparing fails with `E_ABORT`. */
  signal?: AbortSignal | undefined;
}

/** As {@link prepareRows}, for functions that answer at once. */
export function prepareRowsSync(candidates: Candidates, rules: RowRules): PreparedRow[] {
  const steps = prepareSteps(candidates, rules, undefined, (canonical) => {
    throw new SymgradError(
      "E_USAGE",
      `${describeCall(candidates.function, canonical)} is asynchronous; prepareSync cannot wait for it.`,
      { hint: "use await layer.prepare(candidates)" },
    );
  });
  const step = steps.next();
  return step.done ? step.value : [];
}

/** Runs the function for every candidate of every example, through the cache, in order. */
export async function prepareRows(
  candidates: Candidates,
  rules: RowRules,
  options: RowOptions = {},
): Promise<PreparedRow[]> {
  const steps = prepareSteps(candidates, rules, options.signal);
  let step = steps.next();
  while (!step.done) {
    await step.value;
    step = steps.next();
  }
  return step.value;
}

/** Yields what must be waited for, never rejecting; a generator, so that a function that answers at once is not waited for. */
function* prepareSteps(
  candidates: Candidates,
  { evaluator, policy, fail, concurrency }: RowRules,
  signal?: AbortSignal,
  refuseAsync?: (canonical: readonly string[]) => void,
): Generator<Promise<unknown>, PreparedRow[], void> {
  const fn = candidates.function;
  const width = Object.keys(fn.args).length;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const results = candidates.examples.map(({ count }) => new Array<EvaluatedResult>(count));
  const key = new Array<string>(width);
  try {
    for (const [example, { count, indices, values, canonical }] of candidates.examples.entries()) {
      const row = results[example]!;
      const put = (candidate: number, result: EvaluatedResult, shown: readonly string[]) => {
        if (fail && result.kind !== "ok")
          throw noResult(candidates, example, candidate, result.reason, shown);
        row[candidate] = result;
      };
      for (let candidate = 0; candidate < count; candidate++) {
        for (let argument = 0; argument < width; argument++) {
          key[argument] = canonical[argument]![indices[candidate * width + argument]!]!;
        }
        const kept = evaluator.kept(key);
        if (kept !== undefined) {
          put(candidate, kept, key);
          continue;
        }
        if (signal?.aborted) throw aborted(fn.name, signal);
        const shown = [...key];
        const called = values.map((list, argument) => list[indices[candidate * width + argument]!]);
        const result = evaluator.evaluate(called, shown, signal);
        if (!(result instanceof Promise)) {
          put(candidate, result, shown);
          continue;
        }
        const waiting: Promise<void> = result
          .then((settled) => put(candidate, settled, shown))
          .catch((error) => void failures.push(error))
          .finally(() => underWay.delete(waiting));
        refuseAsync?.(shown);
        underWay.add(waiting);
        if (underWay.size >= concurrency) yield Promise.race(underWay);
        if (failures.length > 0) throw failures[0];
      }
    }
    if (underWay.size > 0) yield Promise.all(underWay);
    if (failures.length > 0) throw failures[0];
  } finally {
    evaluator.trim();
  }
  return candidates.examples.map(({ indices }, example) => packRow(fn, indices, results[example]!, policy));
}

function noResult(
  { function: fn }: Candidates,
  example: number,
  candidate: number,
  reason: string,
  shown: readonly string[],
): SymgradError {
  return new SymgradError("E_UNDEFINED", `${describeCall(fn, shown)} is undefined: ${reason}.`, {
    where: `candidate ${candidate} of example ${example} of the batch`,
    hint: 'give the layer another onUndefined: "mask", "zero" or { token }',
  });
}

function aborted(name: string, signal: AbortSignal): SymgradError {
  return new SymgradError("E_ABORT", `${name}: preparing was stopped.`, { cause: signal.reason });
}

/** Pads rows into tensors that know what they stand for. */
export function createPrepared(
  candidates: Candidates,
  rows: readonly PreparedRow[],
  outputIds: Int32Array,
  pads: { candidates?: number | undefined; length?: number | undefined },
): Prepared {
  const fn = candidates.function;
  const inputs = collate(rows, pads);
  const undefinedCounts: Record<string, number> = {};
  for (const row of rows) {
    for (const [reason, count] of Object.entries(row.undefinedCounts)) {
      undefinedCounts[reason] = (undefinedCounts[reason] ?? 0) + count;
    }
  }
  return {
    inputs,
    rows,
    undefinedCounts,
    tuples: (example) => {
      const row = rows[example];
      if (row === undefined) throw noCandidate(fn.name, example);
      return tuplesOf(row.tuples, Object.keys(fn.args).length);
    },
    result: (example, candidate) => {
      const result = rows[example]?.results?.[candidate];
      if (result === undefined) throw noCandidate(fn.name, example, candidate);
      if (result.kind !== "ok") return { undefined: result.reason };
      const tokenIds = Array.from(result.ids, (id) => outputIds[id]!);
      return { text: result.text, values: result.values, tokenIds };
    },
    dispose: () => tf.dispose([inputs.ids, inputs.lengths, inputs.mask]),
  };
}

function noCandidate(name: string, example: number, candidate?: number): SymgradError {
  const which =
    candidate === undefined ? `example ${example}` : `candidate ${candidate} of example ${example}`;
  return new SymgradError("E_RANGE", `${name}: no ${which} in this batch.`);
}

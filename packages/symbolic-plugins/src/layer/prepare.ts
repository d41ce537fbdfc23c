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

/** At most this many asynchronous calls are under way at once. */
const mostUnderWay = 16;

export interface RowRules {
  evaluator: Evaluator;
  policy: UndefinedPolicy;
  /** Whether a candidate without a result is an error. */
  fail: boolean;
}

/** As {@link prepareRows}, for functions that answer at once. */
export function prepareRowsSync(candidates: Candidates, rules: RowRules): PreparedRow[] {
  const steps = prepareSteps(candidates, rules, (canonical) => {
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
export async function prepareRows(candidates: Candidates, rules: RowRules): Promise<PreparedRow[]> {
  const steps = prepareSteps(candidates, rules);
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
  { evaluator, policy, fail }: RowRules,
  refuseAsync?: (canonical: readonly string[]) => void,
): Generator<Promise<unknown>, PreparedRow[], void> {
  const fn = candidates.function;
  const width = Object.keys(fn.args).length;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const results = candidates.examples.map(({ count }) => new Array<EvaluatedResult>(count));
  try {
    for (const [example, { count, indices, values, canonical }] of candidates.examples.entries()) {
      for (let candidate = 0; candidate < count; candidate++) {
        const called: unknown[] = new Array(width);
        const shown: string[] = new Array(width);
        for (let argument = 0; argument < width; argument++) {
          const index = indices[candidate * width + argument]!;
          called[argument] = values[argument]![index];
          shown[argument] = canonical[argument]![index]!;
        }
        const put = (result: EvaluatedResult) => {
          if (fail && result.kind === "undefined") {
            throw new SymgradError(
              "E_UNDEFINED",
              `${describeCall(fn, shown)} is undefined: ${result.reason}.`,
              {
                where: `candidate ${candidate} of example ${example} of the batch`,
                hint: 'give the layer another onUndefined: "mask", "zero" or { token }',
              },
            );
          }
          results[example]![candidate] = result;
        };
        const result = evaluator.evaluate(called, shown);
        if (!(result instanceof Promise)) {
          put(result);
          continue;
        }
        const waiting: Promise<void> = result
          .then(put)
          .catch((error) => void failures.push(error))
          .finally(() => underWay.delete(waiting));
        refuseAsync?.(shown);
        underWay.add(waiting);
        if (underWay.size >= mostUnderWay) yield Promise.race(underWay);
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
      if (result.kind === "undefined") return { undefined: result.reason };
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

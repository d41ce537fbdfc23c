import { SymgradError } from "@symgrad/core";
import type { Candidates } from "../candidates";
import { describeCall, type EvaluatedResult, type Evaluator } from "../evaluate";

export interface EvaluationRules {
  evaluator: Evaluator;
  /** Whether a candidate without a result is an error. */
  fail: boolean;
  /** The most asynchronous calls under way at once. */
  concurrency: number;
}

export interface EvaluateOptions {
  /** Stops waiting for asynchronous calls: fails with `E_ABORT`. */
  signal?: AbortSignal | undefined;
  /** Called with a call that has to be waited for; it may throw. */
  onAsync?: ((canonical: readonly string[]) => void) | undefined;
}

/**
 * Calls the function for the candidates that have no result yet, in order, through the cache. Yields what must be waited
 * for, never rejecting; a generator, so that a function that answers at once is not waited for.
 *
 * @param results For each example a place for each candidate; those already there are not asked for again.
 * @param wanted For each example 1 for the candidates that are asked for. Default: all.
 */
export function* evaluateCandidates(
  candidates: Candidates,
  results: readonly (EvaluatedResult | undefined)[][],
  { evaluator, fail, concurrency }: EvaluationRules,
  { signal, onAsync }: EvaluateOptions = {},
  wanted?: readonly Uint8Array[],
): Generator<Promise<unknown>, void, void> {
  const fn = candidates.function;
  const width = Object.keys(fn.args).length;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const key = new Array<string>(width);
  try {
    for (const [example, { count, indices, values, canonical }] of candidates.examples.entries()) {
      const row = results[example]!;
      const asked = wanted?.[example];
      const put = (candidate: number, result: EvaluatedResult, shown: readonly string[]) => {
        if (fail && result.kind !== "ok")
          throw noResult(candidates, example, candidate, result.reason, shown);
        row[candidate] = result;
      };
      for (let candidate = 0; candidate < count; candidate++) {
        if (row[candidate] !== undefined || asked?.[candidate] === 0) continue;
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
        onAsync?.(shown);
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

import { SymgradError } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import { assertFunction } from "../assertFunction";
import { listCandidates } from "../candidates";
import type { SymbolicFunction } from "../define";
import { describeCall, hintForThrow } from "../evaluate";
import { shorten, show } from "../internal/show";
import { createRegistry } from "../registry";
import { isResult, type Result, type TimeoutResult } from "../result";
import { callOnce } from "./callOnce";
import { referenceVocabulary } from "./referenceVocabulary";
import { drawSpecimens, type Specimen, specimenExamples } from "./specimens";

/** One thing that every symbolic function must do. */
export interface ContractCheck {
  /** `mine.larger.v1: determinism`. */
  readonly name: string;
  /** @throws SymgradError `E_CONTRACT`, or the code of what went wrong, naming the function and its arguments. */
  run(): Promise<void>;
}

export interface PluginContractOptions {
  /** What to call it with. Default: the function's `examples`, otherwise samples of its arguments' types. */
  examples?: readonly object[];
  /** Milliseconds that a call may take; the quickest of three counts. Default 50, asynchronous functions `timeoutMs`. */
  millisecondsPerCall?: number;
}

/** Reasons are counted, so there are few of them. */
const mostReasons = 12;

/**
 * What every symbolic function must keep to, as a list of checks, for any test runner.
 *
 * @example for (const { name, run } of pluginContract(larger)) test(name, run);
 */
export function pluginContract(
  fn: SymbolicFunction,
  options: PluginContractOptions = {},
): readonly ContractCheck[] {
  const specimens = () => drawSpecimens(fn, specimenExamples(fn, options.examples));
  const checks: Record<string, () => Promise<void> | void> = {
    definition: () => assertFunction(fn),
    candidates: () => void specimens(),
    errors: () => checkErrors(fn, specimens()),
    timing: () => checkTiming(fn, specimens(), options.millisecondsPerCall),
    "vocabulary and lengths": () => prepareAll(fn, options),
    determinism: () => checkDeterminism(fn, specimens(), specimens()),
    "cache keys": () => checkCacheKeys(fn, specimens()),
    "symmetric arguments": () => checkSymmetry(fn, specimens()),
    "no mutation": () => checkMutation(fn, specimens()),
  };
  const name = typeof fn?.name === "string" ? fn.name : show(fn);
  return Object.entries(checks).map(([check, run]) => ({
    name: `${name}: ${check}`,
    run: async () => {
      if (check !== "definition") assertFunction(fn);
      await run();
    },
  }));
}

function broken(
  fn: SymbolicFunction,
  canonical: readonly string[],
  what: string,
  hint: string,
): SymgradError {
  return new SymgradError("E_CONTRACT", `${describeCall(fn, canonical)} ${what}.`, { hint });
}

/** The result, or an error that names the call. */
async function resultOf(fn: SymbolicFunction, specimen: Specimen): Promise<Result | TimeoutResult> {
  try {
    return await callOnce(fn, specimen, fn.timeoutMs);
  } catch (cause) {
    throw new SymgradError("E_CONTRACT", `${describeCall(fn, specimen.canonical)} threw ${String(cause)}.`, {
      hint: hintForThrow(cause),
      cause,
    });
  }
}

async function checkErrors(fn: SymbolicFunction, specimens: readonly Specimen[]): Promise<void> {
  const reasons = new Set<string>();
  let defined = 0;
  for (const specimen of specimens) {
    const result = await resultOf(fn, specimen);
    if (result?.kind === "timeout") continue; // of that the timing tells
    if (!isResult(result)) {
      throw broken(
        fn,
        specimen.canonical,
        `returned ${show(result)}`,
        "return ok(text) or undefinedResult(reason)",
      );
    }
    if (result.kind === "ok") defined++;
    else reasons.add(result.reason);
  }
  if (reasons.size > mostReasons) {
    throw new SymgradError(
      "E_CONTRACT",
      `${fn.name}: ${reasons.size} different reasons for undefined results, such as ${[...reasons].slice(0, 3).map(show).join(", ")}.`,
      { hint: "reasons are counted: use the same words each time, without the arguments" },
    );
  }
  if (defined === 0) {
    throw new SymgradError(
      "E_CONTRACT",
      `${fn.name}: no result was defined in ${specimens.length} calls (${[...reasons].map(show).join(", ") || "timeouts"}).`,
      { hint: "give examples for which it has results: defineFunction({ examples: [...] })" },
    );
  }
}

async function checkTiming(
  fn: SymbolicFunction,
  specimens: readonly Specimen[],
  limit?: number,
): Promise<void> {
  for (const specimen of specimens) {
    let quickest = Number.POSITIVE_INFINITY;
    let allowed = limit ?? 50;
    for (let attempt = 0; attempt < 3 && quickest > allowed; attempt++) {
      const began = performance.now();
      const returned = callOnce(fn, specimen, fn.timeoutMs);
      const blocked = performance.now() - began;
      const result = await returned.catch(() => undefined); // of throws the check of errors tells
      const took = performance.now() - began;
      // What came at once is held to the limit of a synchronous call; what was waited for, to its own.
      if (took - blocked > 1 && limit === undefined) allowed = fn.timeoutMs;
      if (result?.kind === "timeout") {
        throw broken(
          fn,
          specimen.canonical,
          `did not settle within ${fn.timeoutMs} ms`,
          "settle every promise, or raise timeoutMs",
        );
      }
      quickest = Math.min(quickest, took);
    }
    if (quickest > allowed) {
      throw broken(
        fn,
        specimen.canonical,
        `took ${quickest.toFixed(0)} ms, ${allowed} ms are allowed`,
        "make it quicker or asynchronous, or pass { millisecondsPerCall } to pluginContract",
      );
    }
  }
}

/** Runs everything as a layer does; twice, and the second time nothing may be called again. */
async function prepareAll(fn: SymbolicFunction, { examples }: PluginContractOptions): Promise<void> {
  const layer = createRegistry([fn]).layer(fn.name, {
    estimator: straightThroughGumbel({ temperature: 1 }),
    vocabulary: referenceVocabulary(fn.output),
    cacheSize: 1_000_000,
  });
  const candidates = listCandidates(fn, specimenExamples(fn, examples));
  await layer.prepareRows(candidates);
  const { calls } = layer.counters;
  await layer.prepareRows(candidates);
  const timeouts = fn.pure && layer.counters.calls > calls;
  if (timeouts) {
    throw new SymgradError(
      "E_CONTRACT",
      `${fn.name}: a second epoch called it again for the same arguments.`,
      {
        hint: "some calls time out: settle every promise, or raise timeoutMs",
      },
    );
  }
}

async function checkDeterminism(
  fn: SymbolicFunction,
  first: readonly Specimen[],
  second: readonly Specimen[],
): Promise<void> {
  if (!fn.pure) return;
  for (const [i, specimen] of first.entries()) {
    const results = [await resultOf(fn, specimen), await resultOf(fn, second[i]!)];
    if (isEqual(results[0], results[1])) continue;
    throw broken(
      fn,
      specimen.canonical,
      `gave ${show(results[0])}, then ${show(results[1])} for the same arguments`,
      "equal arguments must give equal results; declare pure: false if they cannot",
    );
  }
}

/** Arguments of one key must have one result, whatever the example they stand in. */
async function checkCacheKeys(fn: SymbolicFunction, specimens: readonly Specimen[]): Promise<void> {
  if (!fn.pure) return;
  const byKey = new Map<string, { values: readonly unknown[]; result: Result | TimeoutResult }>();
  for (const { values, canonical } of specimens) {
    const result = await resultOf(fn, { values, canonical });
    const key = JSON.stringify(canonical);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { values, result });
    else if (!isEqual(known.result, result)) {
      throw broken(
        fn,
        canonical,
        `gave ${show(known.result)} for ${show(known.values)}, and ${show(result)} for ${show(values)}, which have one cache key`,
        "`canonical` of the argument's type must tell apart what the function tells apart",
      );
    }
  }
}

async function checkSymmetry(fn: SymbolicFunction, specimens: readonly Specimen[]): Promise<void> {
  const places = Object.keys(fn.args).flatMap((name, i) => (fn.symmetric.includes(name) ? [i] : []));
  for (const specimen of specimens) {
    for (const [k, place] of places.entries()) {
      if (k === 0) continue;
      const swapped = exchange(specimen, places[0]!, place);
      const answers = [await resultOf(fn, specimen), await resultOf(fn, swapped)].map(answerOf);
      if (answers[0] === answers[1]) continue;
      throw broken(
        fn,
        specimen.canonical,
        `gives ${shorten(answers[0]!)}, and ${shorten(answers[1]!)} with ${Object.keys(fn.args)[places[0]!]} and ${Object.keys(fn.args)[place]} exchanged`,
        "only arguments that may change places belong into `symmetric`: the values, or else the text, must be the same",
      );
    }
  }
}

function exchange({ values, canonical }: Specimen, i: number, j: number): Specimen {
  const swap = <T>(list: readonly T[]) =>
    list.map((item, k) => (k === i ? list[j]! : k === j ? list[i]! : item));
  return { values: swap(values), canonical: swap(canonical) };
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The computed values in any order; the text where there are none. */
function answerOf(result: Result | TimeoutResult): string {
  if (result.kind !== "ok") return `undefined (${result.reason})`;
  return JSON.stringify(result.values.length > 0 ? [...result.values].sort() : result.text);
}

async function checkMutation(fn: SymbolicFunction, specimens: readonly Specimen[]): Promise<void> {
  for (const specimen of specimens) {
    await resultOf(fn, specimen);
    for (const [i, [name, space]] of Object.entries(fn.args).entries()) {
      const now = space.canonical(specimen.values[i]);
      if (now === specimen.canonical[i]) continue;
      throw broken(
        fn,
        specimen.canonical,
        `changed its argument \`${name}\` to ${show(now)}`,
        "work on a copy: arguments are shared by all candidates",
      );
    }
  }
}

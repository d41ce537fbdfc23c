import { SymgradError } from "@symgrad/core";
import { type CacheCounters, ResultCache } from "./cache";
import { CallContext } from "./callContext";
import type { SymbolicFunction } from "./define";
import { isDeeplyFrozen } from "./internal/deepFreeze";
import { shorten, show } from "./internal/show";
import type { OutputVocabulary, TokenVocabulary } from "./output";
import { isResult, type TimeoutResult, type UndefinedResult } from "./result";

/** A result with its tokens, or the reason why there is none. */
export type EvaluatedResult = EvaluatedOk | UndefinedResult | TimeoutResult | SkippedResult;

/** The function was not called: the candidate was pruned, or the estimator did not look at it. */
export interface SkippedResult {
  readonly kind: "skipped";
  readonly reason: "pruned" | "not sampled";
}

export interface EvaluatedOk {
  readonly kind: "ok";
  readonly text: string;
  readonly values: readonly string[];
  /** Local ids: indices into the output vocabulary. */
  readonly ids: Uint16Array;
}

/** How a function was called so far. */
export interface EvaluationCounters extends CacheCounters {
  /** Calls of `run`. */
  calls: number;
  /** Calls that waited for one already under way. */
  joined: number;
  /** Results kept now. */
  size: number;
}

export interface EvaluatorOptions {
  vocabulary: TokenVocabulary;
  output: OutputVocabulary;
  /** The most results kept. */
  cacheSize: number;
  /** Asynchronous calls that take longer are given up. */
  timeoutMs: number;
}

/** A call that is not settled yet, and how many wait for it. */
interface UnderWay {
  readonly result: Promise<EvaluatedResult>;
  readonly context: CallContext;
  waiting: number;
}

/** Calls a function through a cache, checking what it gives back and leaves behind. */
export class Evaluator {
  readonly #fn: SymbolicFunction;
  readonly #names: readonly string[];
  readonly #options: EvaluatorOptions;
  readonly #cache: ResultCache<EvaluatedResult>;
  readonly #underWay = new Map<string, UnderWay>();
  /** Kept until the batch ends, so that it asks once, and no longer, because another attempt may succeed. */
  #passing: (readonly string[])[] = [];
  #free = new Uint16Array(0);
  #calls = 0;
  #joined = 0;

  constructor(fn: SymbolicFunction, options: EvaluatorOptions) {
    this.#fn = fn;
    this.#names = Object.keys(fn.args);
    this.#options = options;
    this.#cache = new ResultCache(options.cacheSize);
  }

  get counters(): EvaluationCounters {
    return { ...this.#cache.counters, calls: this.#calls, joined: this.#joined, size: this.#cache.size };
  }

  /** Lets go of timeouts, and of results above the cache's size; call it after a batch. */
  trim(): void {
    for (const canonical of this.#passing) this.#cache.delete(canonical);
    this.#passing = [];
    this.#cache.trim();
  }

  /** The result that is kept for a tuple: a hit or a miss of the cache. `canonical` may be used again by the caller. */
  kept(canonical: readonly string[]): EvaluatedResult | undefined {
    return this.#fn.pure ? this.#cache.get(canonical) : undefined;
  }

  /**
   * The result for a tuple that is not kept; a promise only if the function made one and it is not settled yet.
   *
   * @param canonical The values in canonical text, in the order of the arguments.
   * @param signal Stops waiting: the promise rejects with `E_ABORT`, and the call is told unless somebody else waits.
   * @throws SymgradError `E_FUNCTION` if `run` throws, returns no result or changes an argument; `E_LENGTH`,
   *   `E_VOCABULARY` for a text that does not fit the declaration.
   */
  evaluate(
    values: readonly unknown[],
    canonical: readonly string[],
    signal?: AbortSignal,
  ): EvaluatedResult | Promise<EvaluatedResult> {
    const key = JSON.stringify(canonical);
    const joined = this.#underWay.get(key);
    if (joined !== undefined) {
      this.#joined++;
      return this.#wait(joined, canonical, signal);
    }
    const context = new CallContext();
    const result = this.#call(values, canonical, context);
    if (!(result instanceof Promise)) {
      if (this.#fn.pure) this.#cache.set(canonical, result);
      return result;
    }
    const call: UnderWay = { context, waiting: 0, result: this.#limited(result, context) };
    if (this.#fn.pure) {
      this.#underWay.set(key, call);
      const settled = () => {
        if (this.#underWay.get(key) === call) this.#underWay.delete(key);
      };
      call.result.then((evaluated) => {
        settled();
        this.#cache.set(canonical, evaluated);
        if (evaluated.kind === "timeout") this.#passing.push(canonical);
      }, settled);
    }
    return this.#wait(call, canonical, signal, () => this.#underWay.delete(key));
  }

  /** Waits until the call settles or `signal` aborts; the last one who leaves ends the call. */
  #wait(
    call: UnderWay,
    canonical: readonly string[],
    signal: AbortSignal | undefined,
    forget: () => void = () => {},
  ): Promise<EvaluatedResult> {
    call.waiting++;
    if (signal === undefined) return call.result;
    return new Promise((resolve, reject) => {
      const leave = () => {
        const error = new SymgradError("E_ABORT", `${this.#shown(canonical)} was stopped.`, {
          cause: signal.reason,
        });
        if (--call.waiting === 0) {
          forget();
          call.context.abort(error);
        }
        reject(error);
      };
      call.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** A call that takes too long gives a timeout, and is told that nobody waits. */
  #limited(result: Promise<EvaluatedResult>, context: CallContext): Promise<EvaluatedResult> {
    const { timeoutMs } = this.#options;
    if (timeoutMs === Number.POSITIVE_INFINITY) return result;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const reason = `timeout after ${timeoutMs} ms`;
        context.abort(new SymgradError("E_TIMEOUT", `${this.#fn.name}: ${reason}.`));
        resolve({ kind: "timeout", reason });
      }, timeoutMs);
      result.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  #call(
    values: readonly unknown[],
    canonical: readonly string[],
    context: CallContext,
  ): EvaluatedResult | Promise<EvaluatedResult> {
    this.#calls++;
    const args = Object.freeze(Object.fromEntries(this.#names.map((name, i) => [name, values[i]])));
    const threw = (cause: unknown): never => {
      throw new SymgradError("E_FUNCTION", `${this.#shown(canonical)} threw ${String(cause)}.`, {
        hint: hintForThrow(cause),
        cause,
      });
    };
    let returned: unknown;
    try {
      returned = this.#fn.run(args, context);
    } catch (cause) {
      return threw(cause);
    }
    if (!isThenable(returned)) return this.#checked(returned, values, canonical);
    return Promise.resolve(returned).then((result) => this.#checked(result, values, canonical), threw);
  }

  #checked(returned: unknown, values: readonly unknown[], canonical: readonly string[]): EvaluatedResult {
    for (const [i, name] of this.#names.entries()) {
      if (isDeeplyFrozen(values[i])) continue;
      const now = this.#fn.args[name]!.canonical(values[i]);
      if (now === canonical[i]) continue;
      throw new SymgradError(
        "E_FUNCTION",
        `${this.#shown(canonical)} changed its argument \`${name}\` to ${shorten(now)}.`,
        { hint: "work on a copy: arguments are shared by all candidates" },
      );
    }
    if (!isResult(returned)) {
      throw new SymgradError(
        "E_FUNCTION",
        `${this.#shown(canonical)} must return ok(text) or undefinedResult(reason), got ${show(returned)}.`,
      );
    }
    return returned.kind === "undefined"
      ? returned
      : this.#encoded(returned.text, returned.values, canonical);
  }

  #encoded(text: string, values: readonly string[], canonical: readonly string[]): EvaluatedResult {
    const { vocabulary, output } = this.#options;
    const encoded = vocabulary.encode(text);
    const { maxLength, overflow } = this.#fn;
    if (encoded.length > maxLength) {
      if (overflow === "undefined") return { kind: "undefined", reason: `longer than ${maxLength} tokens` };
      throw new SymgradError(
        "E_LENGTH",
        `${this.#shown(canonical)} gave ${encoded.length} tokens, \`maxLength\` is ${maxLength}: ${show(text)}.`,
        { hint: 'raise maxLength, or declare overflow: "undefined"' },
      );
    }
    const ids = this.#room(encoded.length);
    for (let i = 0; i < encoded.length; i++) {
      const local = output.local.get(encoded[i]!);
      if (local === undefined) {
        const token = vocabulary.token?.(encoded[i]!);
        throw new SymgradError(
          "E_VOCABULARY",
          `${this.#shown(canonical)} gave a token outside its output vocabulary: ${
            token === undefined ? `id ${encoded[i]}` : show(token)
          } in ${show(text)}.`,
          { hint: "declare it: output: tokens({ symbols: [...] })" },
        );
      }
      ids[i] = local;
    }
    return { kind: "ok", text, values: [...values], ids };
  }

  /** Room for a result's ids. Many results share a buffer: one each would be tens of thousands to collect. */
  #room(length: number): Uint16Array {
    if (this.#free.length < length) this.#free = new Uint16Array(Math.max(length, 16_384));
    const room = this.#free.subarray(0, length);
    this.#free = this.#free.subarray(length);
    return room;
  }

  #shown(canonical: readonly string[]): string {
    return describeCall(this.#fn, canonical);
  }
}

/** A call as errors show it: `mine.larger.v1: run({ a: 72, b: 23 })`. */
export function describeCall(fn: SymbolicFunction, canonical: readonly string[]): string {
  const args = Object.keys(fn.args).map((name, i) => `${name}: ${shorten(canonical[i]!)}`);
  return `${fn.name}: run({ ${args.join(", ")} })`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** What to do about something that `run` threw. */
export function hintForThrow(cause: unknown): string {
  // What V8 says when frozen objects are written to.
  const frozen = /read only|not extensible|Cannot (delete|redefine) property/;
  return cause instanceof TypeError && frozen.test(cause.message)
    ? "arguments are frozen, because all candidates share them: work on a copy"
    : 'return undefinedResult("reason") for arguments the function refuses; a throw is a bug in it';
}

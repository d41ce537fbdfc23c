import { SymgradError } from "@symgrad/core";
import { type CacheCounters, ResultCache } from "./cache";
import type { SymbolicFunction } from "./define";
import { shorten, show } from "./internal/show";
import type { OutputVocabulary, TokenVocabulary } from "./output";
import { isResult, type UndefinedResult } from "./result";

/** A result with its tokens. */
export type EvaluatedResult = EvaluatedOk | UndefinedResult;

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

/** Calls a function through a cache, checking what it gives back and leaves behind. */
export class Evaluator {
  readonly #fn: SymbolicFunction;
  readonly #names: readonly string[];
  readonly #vocabulary: TokenVocabulary;
  readonly #output: OutputVocabulary;
  readonly #cache: ResultCache<EvaluatedResult>;
  readonly #underWay = new Map<string, Promise<EvaluatedResult>>();
  #calls = 0;
  #joined = 0;

  constructor(
    fn: SymbolicFunction,
    vocabulary: TokenVocabulary,
    output: OutputVocabulary,
    cacheSize: number,
  ) {
    this.#fn = fn;
    this.#names = Object.keys(fn.args);
    this.#vocabulary = vocabulary;
    this.#output = output;
    this.#cache = new ResultCache(cacheSize);
  }

  get counters(): EvaluationCounters {
    return { ...this.#cache.counters, calls: this.#calls, joined: this.#joined, size: this.#cache.size };
  }

  /** Lets go of results above the cache's size; call it after a batch. */
  trim(): void {
    this.#cache.trim();
  }

  /**
   * The result for one tuple; a promise only if the function made one and it is not settled yet.
   *
   * @param canonical The values in canonical text, in the order of the arguments.
   * @throws SymgradError `E_FUNCTION` if `run` throws, returns no result or changes an argument; `E_LENGTH`,
   *   `E_VOCABULARY` for a text that does not fit the declaration.
   */
  evaluate(
    values: readonly unknown[],
    canonical: readonly string[],
  ): EvaluatedResult | Promise<EvaluatedResult> {
    if (!this.#fn.pure) return this.#call(values, canonical);
    const key = `${this.#fn.name}\u001f${canonical.join("\u001f")}`;
    const kept = this.#cache.get(key);
    if (kept !== undefined) return kept;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) {
      this.#joined++;
      return underWay;
    }
    const result = this.#call(values, canonical);
    if (!(result instanceof Promise)) {
      this.#cache.set(key, result);
      return result;
    }
    const settled = result
      .then((evaluated) => {
        this.#cache.set(key, evaluated);
        return evaluated;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, settled);
    return settled;
  }

  #call(
    values: readonly unknown[],
    canonical: readonly string[],
  ): EvaluatedResult | Promise<EvaluatedResult> {
    this.#calls++;
    const args = Object.freeze(Object.fromEntries(this.#names.map((name, i) => [name, values[i]])));
    const threw = (cause: unknown): never => {
      throw new SymgradError("E_FUNCTION", `${this.#shown(canonical)} threw ${String(cause)}.`, {
        hint: 'return undefinedResult("reason") for arguments the function refuses; a throw is a bug in it',
        cause,
      });
    };
    let returned: unknown;
    try {
      returned = this.#fn.run(args);
    } catch (cause) {
      return threw(cause);
    }
    if (!isThenable(returned)) return this.#checked(returned, values, canonical);
    return Promise.resolve(returned).then((result) => this.#checked(result, values, canonical), threw);
  }

  #checked(returned: unknown, values: readonly unknown[], canonical: readonly string[]): EvaluatedResult {
    for (const [i, name] of this.#names.entries()) {
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
    const encoded = this.#vocabulary.encode(text);
    const { maxLength, overflow } = this.#fn;
    if (encoded.length > maxLength) {
      if (overflow === "undefined") return { kind: "undefined", reason: `longer than ${maxLength} tokens` };
      throw new SymgradError(
        "E_LENGTH",
        `${this.#shown(canonical)} gave ${encoded.length} tokens, \`maxLength\` is ${maxLength}: ${show(text)}.`,
        { hint: 'raise maxLength, or declare overflow: "undefined"' },
      );
    }
    const ids = new Uint16Array(encoded.length);
    for (let i = 0; i < encoded.length; i++) {
      const local = this.#output.local.get(encoded[i]!);
      if (local === undefined) {
        const token = this.#vocabulary.token?.(encoded[i]!);
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

import type { ArgumentSpaces, ArgumentValues, Positions } from "./arguments/argumentSpace";
import { assertFunction, contractVersion } from "./assertFunction";
import { CallContext, type RunContext } from "./callContext";
import type { OutputSpecification } from "./output";
import type { Result } from "./result";

/** What a plugin author writes. */
export interface FunctionDefinition<Args extends ArgumentSpaces> {
  /** `namespace.name.v1`: a saved model means the same function for ever, so a change of meaning is a new version. */
  name: string;
  /** The arguments and where their values come from; at least one. */
  args: Args;
  /** Which tuples are candidates. Default: all of them. */
  where?: (values: ArgumentValues<NoInfer<Args>>, positions: Positions<NoInfer<Args>>) => boolean;
  /** Arguments that may change places without changing the answer: one order of each is a candidate. */
  symmetric?: readonly (keyof NoInfer<Args> & string)[];
  /** The function itself, synchronous or not. Its arguments are frozen. */
  run(values: ArgumentValues<NoInfer<Args>>, context: RunContext): Result | Promise<Result>;
  /** Which tokens its texts are made of. */
  output: OutputSpecification;
  /** The most tokens a text may have. */
  maxLength: number;
  /** What a longer text is: an error (`E_LENGTH`), or an undefined result, counted as such. Default "fail". */
  overflow?: "fail" | "undefined";
  /** Whether equal arguments always give equal results, so that results may be kept. Default `true`. */
  pure?: boolean;
  /** The most asynchronous calls under way at once. Default 16. */
  concurrency?: number;
  /**
   * Milliseconds after which an asynchronous call is given up: a {@link TimeoutResult}. `Infinity` waits for ever.
   * Default 30,000. A call that blocks cannot be interrupted.
   */
  timeoutMs?: number;
  /** Examples with the fields that `args` read, for the documentation and the contract's checks. */
  examples?: readonly object[];
}

/** A checked, frozen definition. */
export interface SymbolicFunction<Args extends ArgumentSpaces = ArgumentSpaces> {
  readonly name: string;
  readonly args: Args;
  readonly symmetric: readonly string[];
  readonly output: OutputSpecification;
  readonly maxLength: number;
  readonly overflow: "fail" | "undefined";
  readonly pure: boolean;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly examples: readonly object[];
  /** The version of this contract that the function was defined with. */
  readonly contract: number;
  where(values: ArgumentValues<Args>, positions: Positions<Args>): boolean;
  run(values: ArgumentValues<Args>, context?: RunContext): Result | Promise<Result>;
}

/**
 * Declares a discrete function that a network may call. The types of `run`'s arguments follow from `args`.
 *
 * @throws SymgradError `E_USAGE` naming what is wrong with the definition.
 * @example
 * const larger = defineFunction({
 *   name: "mine.larger.v1",
 *   args: { a: fromExample("numbers"), b: fromExample("numbers") },
 *   where: distinct,
 *   symmetric: ["a", "b"],
 *   run: ({ a, b }) => ok(Decimal.max(a, b).toFixed()),
 *   output: tokens(),
 *   maxLength: 20,
 * });
 */
export function defineFunction<const Args extends ArgumentSpaces>(
  definition: FunctionDefinition<Args>,
): SymbolicFunction<Args> {
  const defined: SymbolicFunction<Args> = {
    where: everywhere,
    overflow: "fail",
    pure: true,
    concurrency: 16,
    timeoutMs: 30_000,
    examples: [],
    contract: contractVersion,
    ...definition,
    symmetric: [...(definition.symmetric ?? [])],
    run: withContext(definition.run),
  };
  assertFunction(defined);
  return Object.freeze(defined);
}

/** `run` as it is called by hand, too: with nobody to stop it. */
function withContext<Args extends ArgumentSpaces>(
  run: FunctionDefinition<Args>["run"],
): SymbolicFunction<Args>["run"] {
  if (typeof run !== "function") return run; // refused below, by name
  return (values, context = new CallContext()) => run(values, context);
}

function everywhere(): boolean {
  return true;
}

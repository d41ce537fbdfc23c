import type { Position } from "./arguments/argumentSpace";
import { distinct } from "./arguments/distinct";
import type { SymbolicFunction } from "./define";

/**
 * Walks through the candidate tuples of one example in lexicographic order of their indices, without listing them:
 * all tuples for which `where` holds, and of symmetric arguments only the order of the list.
 */
export class TupleWalk {
  /** The indices of the current tuple; changes with every {@link next}. */
  readonly tuple: Int32Array;
  readonly #fn: SymbolicFunction;
  readonly #names: readonly string[];
  readonly #lists: readonly (readonly unknown[])[];
  readonly #isDistinct: boolean;
  /** For a symmetric argument: the one before it in the group, whose index it may not fall below; otherwise -1. */
  readonly #before: readonly number[];
  /** The earlier arguments that share an argument's list: what `distinct` looks at. */
  readonly #sharing: readonly (readonly number[])[];
  #argument = 0;

  /** @param lists The values of each argument. */
  constructor(fn: SymbolicFunction, lists: readonly (readonly unknown[])[]) {
    this.#fn = fn;
    this.#lists = lists;
    this.#names = Object.keys(fn.args);
    this.#isDistinct = fn.where === distinct;
    this.#before = this.#names.map((name, argument) => {
      if (!fn.symmetric.includes(name)) return -1;
      return this.#names.findLastIndex((other, i) => i < argument && fn.symmetric.includes(other));
    });
    this.#sharing = this.#names.map((name, argument) =>
      this.#names.flatMap((other, i) =>
        i < argument && fn.args[other]!.source === fn.args[name]!.source ? [i] : [],
      ),
    );
    this.tuple = new Int32Array(this.#names.length).fill(-1);
  }

  /** Steps to the next candidate; false after the last one. */
  next(): boolean {
    const { tuple } = this;
    const last = tuple.length - 1;
    let argument = this.#argument;
    while (argument >= 0) {
      const index = ++tuple[argument]!;
      if (index >= this.#lists[argument]!.length) argument--;
      else if (this.#isDistinct && this.#repeats(argument)) continue;
      else if (argument < last) {
        argument++;
        const before = this.#before[argument]!;
        tuple[argument] = before < 0 ? -1 : tuple[before]! - 1;
      } else if (this.#isDistinct || this.#holds()) break;
    }
    this.#argument = argument;
    return argument >= 0;
  }

  #repeats(argument: number): boolean {
    for (const other of this.#sharing[argument]!) {
      if (this.tuple[other] === this.tuple[argument]) return true;
    }
    return false;
  }

  #holds(): boolean {
    const values: Record<string, unknown> = {};
    const positions: Record<string, Position> = {};
    for (const [argument, name] of this.#names.entries()) {
      const index = this.tuple[argument]!;
      values[name] = this.#lists[argument]![index];
      positions[name] = { source: this.#fn.args[name]!.source, index };
    }
    return this.#fn.where(values, positions);
  }
}

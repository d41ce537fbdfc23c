import { compileFirst, instantiate, type WasmModule } from "../kernel/webAssembly";
import { cooccurrenceWasm } from "./cooccurrenceWasm";

/** What wasm/cooccurrence.ts exports. */
interface Exports {
  memory: { buffer: ArrayBuffer };
  capacity: { value: number };
  ids: { value: number };
  table: { value: number };
  slots: { value: number };
  used: { value: number };
  start(bits: number, mostBits: number, window: number, symmetric: number, weighted: number): void;
  clear(): void;
  count(from: number, to: number, counting: number): number;
  addPairs(from: number, count: number): number;
}

export interface CooccurrenceTableOptions {
  /** Bytes for the table; half of them at most hold pairs. */
  readonly memory: number;
  readonly windowSize: number;
  readonly symmetric: boolean;
  readonly distanceWeighting: boolean;
}

/** Bytes of a pair: context + 1, word + 1 (uint32), weight (float64). */
export const PAIR = 16;

let module: WasmModule | undefined;

/** Pairs of words and the sums of their weights. A symmetric table has each pair once, the smaller row as the word. */
export class CooccurrenceTable {
  readonly #kernel: Exports;

  constructor({ memory, windowSize, symmetric, distanceWeighting }: CooccurrenceTableOptions) {
    module ??= compileFirst(cooccurrenceWasm);
    this.#kernel = instantiate(module) as Exports;
    // Growing keeps the smaller tables, which together are as large as the last.
    const mostBits = Math.min(26, Math.floor(Math.log2(memory / PAIR / 2)));
    const enough = Math.ceil(Math.log2(2 * windowSize + 2)) + 1;
    const bits = Math.max(enough, Math.min(16, mostBits));
    this.#kernel.start(
      bits,
      Math.max(bits, mostBits),
      windowSize,
      Number(symmetric),
      Number(distanceWeighting),
    );
  }

  get size(): number {
    return this.#kernel.used.value;
  }

  /** Counts the pairs of rows that follow those of the last call, or only moves on. `onFull` empties the table. */
  async count(rows: Int32Array, counting: boolean, onFull: () => Promise<void>): Promise<void> {
    const { capacity, ids } = this.#kernel;
    for (let at = 0; at < rows.length; at += capacity.value) {
      const part = rows.subarray(at, at + capacity.value);
      new Int32Array(this.#kernel.memory.buffer, ids.value, part.length).set(part);
      for (let done = 0; ; ) {
        done = this.#kernel.count(done, part.length, Number(counting));
        if (done === part.length) break;
        await onFull();
      }
    }
  }

  /** Adds pairs as {@link pairs} gives them. @returns Whether they found room. */
  add(pairs: Uint8Array): boolean {
    const { capacity, ids } = this.#kernel;
    const room = capacity.value * 4; // bytes at the address of the ids
    for (let at = 0; at < pairs.length; at += room) {
      const part = pairs.subarray(at, at + room);
      new Uint8Array(this.#kernel.memory.buffer, ids.value, part.length).set(part);
      if (this.#kernel.addPairs(ids.value, part.length / PAIR) < part.length / PAIR) return false;
    }
    return true;
  }

  /** The slots: four uint32 each, context + 1, word + 1 and the weight's bits; where the first is 0, there is no pair. */
  slots(): Uint32Array {
    const { memory, table, slots } = this.#kernel;
    return new Uint32Array(memory.buffer, table.value, slots.value * 4);
  }

  clear(): void {
    this.#kernel.clear();
  }
}

import { SymgradError } from "@symgrad/core";
import { compileFirst, instantiate, type WasmModule } from "../kernel/webAssembly";
import { wordTableWasm } from "./wordTableWasm";

/** Stands among the ids for the end of a line. */
export const LINE_END = -1;

/** What wasm/wordTable.ts exports. */
interface Exports {
  memory: { buffer: ArrayBuffer };
  chunk: { value: number };
  text: { value: number };
  ids: { value: number };
  first: { value: number };
  lines: { value: number };
  words: { value: number };
  written: { value: number };
  zero: { value: number };
  size: { value: number };
  skipping: { value: number };
  reset(bits: number): void;
  count(length: number, last: number): number;
  encode(length: number, last: number): number;
  insert(length: number, value: number): number;
  lookup(length: number): number;
}

/** A word as it stands in the text, and how often. */
export interface CountedWord {
  bytes: Uint8Array;
  count: number;
}

let module: WasmModule | undefined;

/** Words of a text, as bytes: counts them, or gives the ids of those it was told. Text comes in pieces of any size. */
export class WordTable {
  #kernel: Exports;
  /** Bytes at the start of the kernel's text that belong to a word yet unfinished. */
  #carry = 0;
  /** Bytes before those. */
  #position = 0;

  /** @param expected About how many words there will be; the table grows as needed. */
  constructor(expected = 1 << 15) {
    this.#kernel = start(expected);
  }

  /** How many different words there are. */
  get unique(): number {
    return this.#kernel.size.value;
  }

  /** Words counted so far, with their repetitions. */
  get words(): number {
    return this.#kernel.words.value;
  }

  /** Line ends counted so far. */
  get lines(): number {
    return this.#kernel.lines.value;
  }

  /**
   * Counts the words of a piece of text. `last`: nothing follows.
   *
   * @throws SymgradError `E_FORMAT` at a byte 0, `E_MEMORY` if the words take more than 4 GiB.
   */
  count(bytes: Uint8Array, last = false): void {
    this.#scan(bytes, last, (length, final) => this.#kernel.count(length, final));
  }

  /** The ids of a piece of text, a {@link LINE_END} for each end of a line, in views that the next step overwrites. */
  encode(bytes: Uint8Array, last: boolean, onIds: (ids: Int32Array) => void): void {
    const { ids, written } = this.#kernel;
    this.#scan(bytes, last, (length, final) => {
      const done = this.#kernel.encode(length, final);
      onIds(new Int32Array(this.#kernel.memory.buffer, ids.value, written.value));
      return done;
    });
  }

  /** Tells the table a word and its id (or its count). @returns Whether it is new. */
  insert(bytes: Uint8Array, value: number): boolean {
    this.#text().set(bytes);
    return this.#kernel.insert(bytes.length, value) !== 0;
  }

  /**
   * The words counted at least so many times, in the order in which they came; views that end with the next change. The
   * rest, most words of a long text, are passed over and cost nothing.
   */
  *entries(least: number): Generator<CountedWord> {
    const { buffer } = this.#kernel.memory;
    const words = new Uint32Array(buffer);
    for (let at = this.#kernel.first.value; at !== 0; at = words[(at >>> 2) + 3]!) {
      const entry = at >>> 2;
      const count = words[entry]! + words[entry + 1]! * 2 ** 32;
      if (count >= least) yield { count, bytes: new Uint8Array(buffer, at + 20, words[entry + 4]!) };
    }
  }

  /** Forgets the words counted at most so many times, and gives their memory back. */
  dropRare(most: number): void {
    const before = this.#kernel;
    const carried = this.#text().slice(0, this.#carry);
    const kept = [...this.entries(most + 1)];
    this.#kernel = start(kept.length);
    for (const { bytes, count } of kept) this.insert(bytes, count);
    this.#text().set(carried);
    this.#kernel.words.value = before.words.value;
    this.#kernel.lines.value = before.lines.value;
    this.#kernel.skipping.value = before.skipping.value;
  }

  #text(): Uint8Array {
    return new Uint8Array(this.#kernel.memory.buffer, this.#kernel.text.value, this.#kernel.chunk.value);
  }

  #scan(bytes: Uint8Array, last: boolean, run: (length: number, last: number) => number): void {
    for (let at = 0; ; ) {
      const taken = Math.min(this.#kernel.chunk.value - this.#carry, bytes.length - at);
      this.#text().set(bytes.subarray(at, at + taken), this.#carry);
      at += taken;
      const length = this.#carry + taken;
      const done = this.#attempt(() => run(length, last && at === bytes.length ? 1 : 0));
      const zero = this.#kernel.zero.value;
      if (zero >= 0) throw binary(this.#position + zero);
      this.#text().copyWithin(0, done, length);
      this.#carry = length - done;
      this.#position += done;
      if (at === bytes.length) break;
    }
    if (last) this.#carry = this.#position = 0;
  }

  #attempt(run: () => number): number {
    try {
      return run();
    } catch (cause) {
      throw new SymgradError(
        "E_MEMORY",
        "the different words of the corpus take more than the 4 GiB of WebAssembly",
        {
          hint: "lower maxUnique: the rarest words are then dropped while counting",
          cause,
        },
      );
    }
  }
}

function start(expected: number): Exports {
  module ??= compileFirst(wordTableWasm);
  const kernel = instantiate(module) as Exports;
  kernel.reset(Math.max(4, Math.ceil(Math.log2(2 * expected + 2))));
  return kernel;
}

function binary(position: number): SymgradError {
  return new SymgradError("E_FORMAT", `the corpus holds a byte 0, at byte ${position}`, {
    where: "WordTable",
    hint: "convert UTF-16 text to UTF-8 (iconv -f UTF-16 -t UTF-8), or take the zeros out (tr -d '\\000')",
  });
}

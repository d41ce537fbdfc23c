import { SymgradError } from "@symgrad/core";
import { compileFirst, instantiate, type WasmMemory } from "../kernel/webAssembly";
import type { WordVectors } from "../wordVectors";
import { exactWasm } from "./exactWasm";
import { topRows } from "./topRows";
import { unitVector } from "./unitVector";
import type { Match, NearestOptions, WordSearch } from "./wordSearch";

const PAGE = 65536;
const MOST_BYTES = 65536 * PAGE;

/** What wasm/exact.ts exports. */
interface Exports {
  memory: WasmMemory & { grow(pages: number): number };
  start: { value: number };
  normalize(rows: number, count: number, stride: number): void;
  products(rows: number, count: number, stride: number, query: number, scores: number): void;
}

/** Compares with every word: one product of the table and the query, four numbers at a time. It keeps a copy of the table. */
export class ExactSearch implements WordSearch {
  readonly search = "exact";
  readonly #exports: Exports;
  readonly #stride: number;
  readonly #rows: number; // address
  readonly #query: number; // address
  readonly #scores: number; // address

  /** @throws SymgradError `E_RANGE` if the table takes more memory than there is, or than WebAssembly's 4 GiB. */
  constructor(readonly vectors: WordVectors) {
    const { size, dimension, values } = vectors;
    const exports = instantiate(compileFirst(exactWasm)) as Exports;
    const stride = Math.ceil(dimension / 4) * 4;
    this.#exports = exports;
    this.#stride = stride;
    this.#rows = exports.start.value;
    this.#query = this.#rows + 4 * stride * size;
    this.#scores = this.#query + 4 * stride;
    const bytes = this.#scores + 4 * size;
    grow(exports.memory, bytes);
    const rows = this.#floats(this.#rows, stride * size);
    if (stride === dimension) rows.set(values);
    else {
      for (let row = 0; row < size; row++) {
        rows.set(values.subarray(row * dimension, (row + 1) * dimension), row * stride);
      }
    }
    exports.normalize(this.#rows, size, stride);
  }

  nearest(query: Float32Array, { count, exclude, among }: NearestOptions): Match[] {
    return topRows(this.similarities(query, among), count, exclude);
  }

  /**
   * The cosine of the query with each of the first `among` words, float32; a view that the next call overwrites.
   *
   * @throws SymgradError as {@link unitVector}.
   */
  similarities(query: Float32Array, among = this.vectors.size): Float32Array {
    const { size, dimension } = this.vectors;
    const count = Math.min(among, size);
    this.#floats(this.#query, dimension).set(unitVector(query, dimension));
    this.#exports.products(this.#rows, count, this.#stride, this.#query, this.#scores);
    return this.#floats(this.#scores, count);
  }

  #floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, address, length);
  }
}

function grow(memory: Exports["memory"], bytes: number): void {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
  try {
    if (bytes <= MOST_BYTES && (pages <= 0 || memory.grow(pages) >= 0)) return;
  } catch {
    // The machine has no so much memory.
  }
  throw new SymgradError(
    "E_RANGE",
    `exact search keeps ${(bytes / 2 ** 30).toFixed(1)} GiB, more than can be had`,
    { hint: "search approximately, or load fewer words (limit)" },
  );
}

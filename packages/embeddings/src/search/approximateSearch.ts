import { createHash } from "node:crypto";
import {
  key,
  type RandomKey,
  readSafetensors,
  SymgradError,
  saveSafetensors,
  uniform52,
} from "@symgrad/core";
import { compileFirst, instantiate, type WasmMemory } from "../kernel/webAssembly";
import type { WordVectors } from "../wordVectors";
import { hnswWasm } from "./hnswWasm";
import { unitVector } from "./unitVector";
import type { Match, NearestOptions, WordSearch } from "./wordSearch";

/** How the graph is built and searched. */
export interface ApproximateSearchOptions {
  /** Links of a word on each level above the ground, twice as many there: M of the paper. Default 24. */
  readonly links?: number | undefined;
  /** Words kept in sight while the graph is built: efConstruction. More makes a better graph, slower. Default 150. */
  readonly buildBreadth?: number | undefined;
  /** Words kept in sight by a search: ef. More finds more of the nearest, slower. Default 900. */
  readonly breadth?: number | undefined;
  /** Draws each word's level. Default `key(0)`. */
  readonly key?: RandomKey | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What wasm/hnsw.ts exports. */
interface Exports {
  memory: WasmMemory;
  codes: { value: number };
  scales: { value: number };
  levels: { value: number };
  ground: { value: number };
  firsts: { value: number };
  upper: { value: number };
  found: { value: number };
  allocate(rows: number, stride: number, links: number, upperLinks: number, most: number): void;
  enter(row: number): void;
  entryRow(): number;
  insert(from: number, to: number, ef: number): void;
  find(ef: number): number;
}

const LARGEST_CODE = 127;
const MOST_BREADTH = 10_000;
const MOST_LEVELS = 30;
const MOST_BYTES = 2 ** 32;
const ROWS_AT_A_TIME = 500;

/**
 * Follows a hierarchical navigable small world graph (Malkov and Yashunin 2016, arXiv:1603.09320) over the vectors in 8
 * bits a number, then compares with what it found exactly. Its memory is about a quarter of the table's, and 200 bytes
 * a word for the links.
 */
export class ApproximateSearch implements WordSearch {
  readonly search = "approximate";
  breadth: number;
  readonly #exports: Exports;
  readonly #stride: number;
  readonly #links: number;
  readonly #levels: Uint8Array;

  private constructor(
    readonly vectors: WordVectors,
    levels: Uint8Array,
    { links, breadth }: { links: number; breadth: number },
  ) {
    const { size, dimension } = vectors;
    this.breadth = breadth;
    this.#links = links;
    this.#levels = levels;
    this.#stride = Math.ceil(dimension / 16) * 16;
    this.#exports = instantiate(compileFirst(hnswWasm)) as Exports;
    this.#allocate();
    new Uint8Array(this.#exports.memory.buffer, this.#exports.levels.value >>> 0, size).set(levels);
    const firsts = this.#integers("firsts", size);
    for (let row = 0, first = 0; row < size; first += levels[row++]!) firsts[row] = first;
    for (let row = 0; row < size; row++) {
      this.#encode(row, vectors.values.subarray(row * dimension, (row + 1) * dimension));
    }
  }

  /**
   * Builds the graph: about half a minute for each 100,000 words of 300 numbers. The same vectors and key give the same graph.
   *
   * @throws SymgradError `E_RANGE` for an option or too large a table, `E_ABORT` when `signal` aborts.
   */
  static async build(
    vectors: WordVectors,
    options: ApproximateSearchOptions = {},
  ): Promise<ApproximateSearch> {
    const {
      links = 24,
      buildBreadth = 150,
      breadth = 900,
      key: levelKey = key(0),
      onProgress,
      signal,
    } = options;
    assertWhole("links", links, 2, 64);
    assertWhole("buildBreadth", buildBreadth, 1, MOST_BREADTH);
    assertWhole("breadth", breadth, 1, MOST_BREADTH);
    const { size } = vectors;
    if (size === 0) throw new SymgradError("E_RANGE", "there are no words to search");
    const levels = drawLevels(levelKey, size, links);
    const built = new ApproximateSearch(vectors, levels, { links, breadth });
    built.#exports.enter(0);
    for (let row = 1; row < size; row += ROWS_AT_A_TIME) {
      built.#exports.insert(row, Math.min(row + ROWS_AT_A_TIME, size), buildBreadth);
      onProgress?.(Math.min(row + ROWS_AT_A_TIME, size), size);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw new SymgradError("E_ABORT", `stopped after ${row} of ${size} words`);
    }
    return built;
  }

  /** Writes the graph, without the vectors, to a safetensors file. */
  async save(file: string): Promise<void> {
    const { size } = this.vectors;
    const links = this.#links;
    const upper = sum(this.#levels);
    const ground = this.#integers("ground", size * (2 * links + 1));
    await saveSafetensors(
      file,
      new Map([
        ["levels", { dtype: "U8", shape: [size], data: this.#levels }],
        ["ground", { dtype: "I32", shape: [size, 2 * links + 1], data: ground }],
        [
          "upper",
          { dtype: "I32", shape: [upper, links + 1], data: this.#integers("upper", upper * (links + 1)) },
        ],
      ]),
      { kind: "symgrad.hnsw.v1", entry: String(this.#exports.entryRow()), vectors: digest(this.vectors) },
    );
  }

  /**
   * Reads a graph that {@link save} wrote.
   *
   * @throws SymgradError `E_FORMAT` if the file is no such graph or that of other vectors.
   */
  static async load(
    vectors: WordVectors,
    file: string,
    { breadth = 900 }: { breadth?: number | undefined } = {},
  ): Promise<ApproximateSearch> {
    assertWhole("breadth", breadth, 1, MOST_BREADTH);
    const { tensors, metadata } = await readSafetensors(file);
    const [levels, ground, upper] = ["levels", "ground", "upper"].map((name) => tensors.get(name));
    const wrong = (sentence: string) =>
      new SymgradError("E_FORMAT", sentence, { where: file, hint: "build the index again" });
    if (metadata.kind !== "symgrad.hnsw.v1" || !levels || !ground || !upper) {
      throw wrong("the file is no search index");
    }
    if (metadata.vectors !== digest(vectors)) throw wrong("the index belongs to other vectors");
    const { size } = vectors;
    const links = (ground.shape[1]! - 1) / 2;
    const steps = levels.data as Uint8Array;
    const entry = Number(metadata.entry);
    const sound =
      steps.length === size &&
      ground.shape[0] === size &&
      upper.shape[1] === links + 1 &&
      upper.shape[0] === sum(steps) &&
      Number.isInteger(entry) &&
      entry >= 0 &&
      entry < size &&
      soundLinks(ground.data as Int32Array, 2 * links, size) &&
      soundLinks(upper.data as Int32Array, links, size);
    if (!sound) throw wrong("the index is damaged");
    const loaded = new ApproximateSearch(vectors, steps, { links, breadth });
    loaded.#integers("ground", ground.data.length).set(ground.data);
    loaded.#integers("upper", upper.data.length).set(upper.data);
    loaded.#exports.enter(entry);
    return loaded;
  }

  nearest(query: Float32Array, { count, exclude = new Set(), among }: NearestOptions): Match[] {
    const { vectors } = this;
    const { size, dimension, values } = vectors;
    const unit = unitVector(query, dimension);
    this.#encode(size, unit);
    const breadth = Math.min(Math.max(this.breadth, 2 * (count + exclude.size)), MOST_BREADTH, size);
    const found = this.#integers("found", this.#exports.find(breadth));
    const matches: Match[] = [];
    for (const row of found) {
      if (exclude.has(row) || (among !== undefined && row >= among)) continue;
      matches.push({ row, similarity: cosine(values, row * dimension, unit) });
    }
    return matches.sort((a, b) => b.similarity - a.similarity || a.row - b.row).slice(0, count);
  }

  #allocate(): void {
    const { size } = this.vectors;
    const upperLinks = sum(this.#levels);
    // As wasm/hnsw.ts lays it out; what does not grow with the words is less than a megabyte.
    const perWord = this.#stride + 4 * (2 * this.#links + 1) + 4 + 4 + 4 + 8 + 1;
    const bytes = size * perWord + 4 * upperLinks * (this.#links + 1) + 2 ** 20;
    try {
      if (bytes > MOST_BYTES) throw new RangeError(`${bytes} bytes are beyond WebAssembly's memory`);
      this.#exports.allocate(size, this.#stride, this.#links, upperLinks, MOST_BREADTH);
    } catch (cause) {
      throw new SymgradError("E_RANGE", `the graph of ${size} words takes more memory than can be had`, {
        hint: "load fewer words (limit)",
        cause,
      });
    }
  }

  /** Writes a vector's codes and scale, of its direction alone, in the place of a row; the query's is behind the last. */
  #encode(row: number, vector: Float32Array): void {
    const { memory, codes, scales } = this.#exports;
    const target = new Int8Array(memory.buffer, (codes.value >>> 0) + row * this.#stride, this.#stride);
    let largest = 0;
    let squares = 0;
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i]!;
      squares += value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    const step = largest / LARGEST_CODE;
    for (let i = 0; i < vector.length; i++) target[i] = step > 0 ? Math.round(vector[i]! / step) : 0;
    const scale = squares > 0 ? step / Math.sqrt(squares) : 0;
    new Float32Array(memory.buffer, (scales.value >>> 0) + 4 * row, 1)[0] = scale;
  }

  #integers(name: "ground" | "firsts" | "upper" | "found", length: number): Int32Array {
    return new Int32Array(this.#exports.memory.buffer, this.#exports[name].value >>> 0, length);
  }
}

/** Level l with probability (1 - 1 / links) / links^l, as in the paper. */
function drawLevels(levelKey: RandomKey, size: number, links: number): Uint8Array {
  const scale = 1 / Math.log(links);
  return Uint8Array.from(uniform52(levelKey, size), (u) =>
    Math.min(MOST_LEVELS, Math.floor(-Math.log(u) * scale)),
  );
}

/** Whether each row is a count of at most `most`, followed by that many rows below `size`. */
function soundLinks(links: Int32Array, most: number, size: number): boolean {
  for (let start = 0; start < links.length; start += most + 1) {
    const count = links[start]!;
    if (count < 0 || count > most) return false;
    for (let i = start + 1; i <= start + count; i++) if (!(links[i]! >= 0 && links[i]! < size)) return false;
  }
  return true;
}

function cosine(values: Float32Array, start: number, unit: Float32Array): number {
  let product = 0;
  let squares = 0;
  for (let i = 0; i < unit.length; i++) {
    const value = values[start + i]!;
    product += value * unit[i]!;
    squares += value * value;
  }
  return squares > 0 ? product / Math.sqrt(squares) : 0;
}

function digest({ dimension, values }: WordVectors): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash("sha256").update(`${dimension} `).update(bytes).digest("hex");
}

function sum(levels: Uint8Array): number {
  return levels.reduce((total, level) => total + level, 0);
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SymgradError("E_RANGE", `${name} is ${value}, wanted a whole number from ${least} to ${most}`, {
    where: "ApproximateSearch",
  });
}

import { randomWasm } from "./randomWasm";
import type { Words } from "./threefry";

/** Random numbers four at a time. Its numbers are those of the scalar code beside it, bit for bit. */
export interface RandomKernel {
  /** The most blocks of one call. */
  chunk: number;
  /** The blocks of the counters (first, high), (first + 1, high), ...: a view that the next call overwrites. */
  words(key: Words, first: number, high: number, blocks: number): Uint32Array;
  /** One Gumbel number for each of these blocks: a view that the next call overwrites. */
  gumbel(key: Words, first: number, high: number, count: number): Float32Array;
}

/** What wasm/random.ts exports. */
interface Exports {
  memory: { buffer: ArrayBuffer };
  chunk: { value: number };
  words: { value: number };
  numbers: { value: number };
  bits(k0: number, k1: number, first: number, high: number, blocks: number): void;
  gumbel(k0: number, k1: number, first: number, high: number, count: number): void;
}

/** The part of the WebAssembly interface that is used; TypeScript has it in its browser types only. */
interface WebAssemblyInterface {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
}

let loaded: { kernel: RandomKernel | undefined } | undefined;

/** The WebAssembly kernel; undefined where WebAssembly with SIMD is missing or a page's policy refuses it. */
export function randomKernel(): RandomKernel | undefined {
  loaded ??= { kernel: load() };
  return loaded.kernel;
}

function load(): RandomKernel | undefined {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };
  let exports: Exports;
  try {
    const bytes = Uint8Array.from(atob(randomWasm), (character) => character.charCodeAt(0));
    exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
  } catch {
    return undefined;
  }
  const chunk = exports.chunk.value;
  const words = new Uint32Array(exports.memory.buffer, exports.words.value, 2 * chunk);
  const numbers = new Float32Array(exports.memory.buffer, exports.numbers.value, chunk);
  return {
    chunk,
    words(key, first, high, blocks) {
      exports.bits(key[0], key[1], first, high, blocks);
      return words.subarray(0, 2 * blocks);
    },
    gumbel(key, first, high, count) {
      exports.gumbel(key[0], key[1], first, high, count);
      return numbers.subarray(0, count);
    },
  };
}

import { randomWasm } from "./randomWasm";
import type { Words } from "./threefry";

/** Random numbers four at a time. Its numbers are those of the scalar code beside it, bit for bit. */
export interface RandomKernel {
  /** The most blocks of one call. */
  chunk: number;
  /** The blocks of the counters (first, high), (first + 1, high), ...: a view that the next call overwrites. */
  words(key: Words, first: number, high: number, blocks: number): Uint32Array;
  /** Fills `out` with Gumbel numbers of the generators whose state is the blocks (0, high), (1, high), ... */
  gumbel(out: Float32Array, key: Words, high: number): void;
}

/** What wasm/random.ts exports. */
interface Exports {
  memory: { buffer: ArrayBuffer };
  chunk: { value: number };
  words: { value: number };
  numbers: { value: number };
  bits(k0: number, k1: number, first: number, high: number, blocks: number): void;
  seed(k0: number, k1: number, high: number): void;
  gumbel(count: number): void;
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
    gumbel(out, [k0, k1], high) {
      exports.seed(k0, k1, high);
      for (let at = 0; at < out.length; at += chunk) {
        const size = Math.min(chunk, out.length - at);
        exports.gumbel(size);
        out.set(size === chunk ? numbers : numbers.subarray(0, size), at);
      }
    },
  };
}

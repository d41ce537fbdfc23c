import { SymgradError } from "@symgrad/core";

/** A compiled module: what threads are sent. */
export type WasmModule = object;

/** The memory of an instance, or one that threads share. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** The part of the WebAssembly interface that is used; TypeScript has it in its browser types only. */
interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports?: object) => { exports: object };
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

const wasm = (): WebAssemblyInterface =>
  (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;

const PAGE = 65536;
const LARGEST = 65536 * PAGE;

/**
 * Compiles the first build that the engine understands.
 *
 * @throws SymgradError `E_WASM` where there is none: WebAssembly with SIMD is needed.
 */
export function compileFirst(...builds: readonly string[]): WasmModule {
  for (const build of builds) {
    const bytes = Uint8Array.from(atob(build), (character) => character.charCodeAt(0));
    try {
      if (wasm().validate(bytes)) return new (wasm().Module)(bytes);
    } catch {
      // No WebAssembly, or a page's policy refuses it: the error below says what is needed.
    }
  }
  throw new SymgradError("E_WASM", "this engine does not run WebAssembly with SIMD", {
    hint: "use Node 20 or a browser from 2021 on; a page's Content-Security-Policy must allow 'wasm-unsafe-eval'",
  });
}

/** Runs a module: its exports. */
export function instantiate(module: WasmModule, imports: object = {}): object {
  return new (wasm().Instance)(module, imports).exports;
}

/**
 * Zeros that several threads can work in.
 *
 * @throws SymgradError `E_MEMORY` if `bytes` is beyond what 32-bit WebAssembly or the machine can give.
 */
export function sharedMemory(bytes: number, { what, hint }: { what: string; hint: string }): WasmMemory {
  const gigabytes = `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  if (bytes > LARGEST) {
    throw new SymgradError("E_MEMORY", `${what} takes ${gigabytes}, and WebAssembly has 4 GiB`, { hint });
  }
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new (wasm().Memory)({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new SymgradError("E_MEMORY", `${what} takes ${gigabytes}, more than there is`, { hint, cause });
  }
}

/** The part of WebAssembly's interface that is used here; TypeScript declares it with the browser's library only. */
export interface WebAssemblyInterface {
  Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Readonly<Record<string, unknown>> };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Looked up when it is needed, so that importing works where it is missing. */
export function webAssembly(): WebAssemblyInterface {
  return (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
}

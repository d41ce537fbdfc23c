import { SymgradError } from "@symgrad/core";
import { startThread } from "./startThread";
import { instantiate, type WasmMemory, type WasmModule } from "./webAssembly";

/** The most threads there may be. */
export const MOST_THREADS = 256;

/** Instances of one kernel over one memory. */
export interface KernelThreads {
  readonly count: number;
  /** Calls an export on a thread; calls of one thread run one after the other. */
  call(thread: number, name: string, ...args: number[]): Promise<number>;
  stop(): void;
}

/**
 * One thread is the caller's own: nothing is started, and the event loop has its turn after every call. More are
 * workers; in a browser these need a page that is cross-origin isolated.
 *
 * @throws SymgradError `E_RANGE` for a count that is not from 1 to {@link MOST_THREADS}, or where workers cannot share memory.
 */
export function kernelThreads(module: WasmModule, memory: WasmMemory, count: number): KernelThreads {
  assertThreads(count);
  return count === 1 ? ownThread(module, memory) : workers(module, memory, count);
}

/** @throws SymgradError `E_RANGE` for a count that is not from 1 to {@link MOST_THREADS}. */
export function assertThreads(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_THREADS) return;
  throw new SymgradError("E_RANGE", `threads is ${count}, wanted a whole number from 1 to ${MOST_THREADS}`, {
    hint: "use as many threads as the machine has cores",
  });
}

function ownThread(module: WasmModule, memory: WasmMemory): KernelThreads {
  const exports = instantiate(module, { env: { memory } }) as Record<string, (...args: number[]) => number>;
  return {
    count: 1,
    async call(_thread, name, ...args) {
      const value = exports[name]!(...args);
      await turn();
      return value;
    },
    stop() {},
  };
}

function workers(module: WasmModule, memory: WasmMemory, count: number): KernelThreads {
  if ((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === false) {
    throw new SymgradError(
      "E_RANGE",
      `this page is not cross-origin isolated: ${count} threads cannot share memory`,
      {
        hint: "serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use 1 thread",
      },
    );
  }
  const threads = Array.from({ length: count }, () => {
    const waiting: { resolve(value: number): void; reject(error: unknown): void }[] = [];
    let broken: unknown;
    const fail = (error: unknown) => {
      broken = error;
      for (const { reject } of waiting.splice(0)) reject(error);
    };
    const thread = startThread({
      onMessage({ value, error }) {
        if (error === undefined) waiting.shift()!.resolve(value!);
        else fail(new Error(error));
      },
      onError: fail,
    });
    const ask = (message: object) =>
      new Promise<number>((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        waiting.push({ resolve, reject });
        thread.post(message);
      });
    ask({ module, memory }).catch(() => {}); // the next call is refused with the same error
    return { ask, stop: () => thread.stop() };
  });
  return {
    count,
    call: (thread, name, ...args) => threads[thread]!.ask({ name, args }),
    stop() {
      for (const thread of threads) thread.stop();
    },
  };
}

/** Lets the event loop run what waits: progress, signals, files. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

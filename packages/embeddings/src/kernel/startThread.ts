import { nodeModule } from "../nodeModule";
import { threadSource } from "./threadSource";

/** A thread that answers messages; the part that Node's workers and those of browsers have in common. */
export interface Thread {
  post(message: object): void;
  stop(): void;
}

export interface ThreadEvents {
  onMessage(message: { value?: number; error?: string }): void;
  onError(error: unknown): void;
}

/** The part of a browser's interface that is used; TypeScript has it in its browser types only. */
interface Browser {
  Worker: new (
    url: string,
  ) => {
    onmessage: (event: { data: object }) => void;
    onerror: (event: unknown) => void;
    postMessage(message: object): void;
    terminate(): void;
  };
}

/** Starts a thread of {@link threadSource}. */
export function startThread({ onMessage, onError }: ThreadEvents): Thread {
  const node = nodeModule("node:worker_threads");
  if (node !== undefined) {
    const worker = new node.Worker(threadSource, { eval: true, execArgv: [] }); // not as a module, whatever Node was told
    worker.on("message", onMessage);
    worker.on("error", onError);
    return { post: (message) => worker.postMessage(message), stop: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([threadSource], { type: "text/javascript" }));
  const worker = new (globalThis as unknown as Browser).Worker(url);
  worker.onmessage = (event) => onMessage(event.data);
  worker.onerror = onError;
  return {
    post: (message) => worker.postMessage(message),
    stop() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

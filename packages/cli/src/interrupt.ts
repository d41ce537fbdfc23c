import { say } from "./output";

let received: NodeJS.Signals | undefined;

/** The exit status shells expect after the signal that stopped the work: 130 for Ctrl-C, 143 for SIGTERM. */
export function interruptedStatus(): number {
  return received === "SIGTERM" ? 143 : 130;
}

export interface InterruptTexts {
  /** Said at the first Ctrl-C: what is still being finished. */
  stopping: string;
  /** The command that goes on where the work stopped. */
  resume?: string;
}

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts, so that it can finish its step and write a
 * checkpoint. A second Ctrl-C ends the process at once.
 */
export async function abortOnInterrupt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { stopping, resume }: InterruptTexts,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(interruptedStatus());
    received = name;
    say(`\n${stopping} (again to quit at once)`);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted && resume) say(`Go on with: ${resume}`);
    throw error;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

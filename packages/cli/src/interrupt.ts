let received: NodeJS.Signals | undefined;

/** The exit status shells expect after the signal that stopped the work: 130 for Ctrl-C, 143 for SIGTERM. */
export function interruptedStatus(): number {
  return received === "SIGTERM" ? 143 : 130;
}

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts, so that it can finish its step and write a
 * checkpoint. A second Ctrl-C ends the process at once.
 */
export async function abortOnInterrupt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: { stopping: string },
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(interruptedStatus());
    received = name;
    process.stderr.write(`\n${options.stopping} (again to quit at once)\n`);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

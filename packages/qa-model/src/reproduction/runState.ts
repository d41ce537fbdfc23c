import { RunDirectory } from "@symgrad/core";

/** Whether a folder holds a run that can be gone on with. */
export async function isRun(folder: string): Promise<boolean> {
  return RunDirectory.open(folder).then(
    () => true,
    () => false,
  );
}

/** Seconds of a run's whole training, the processes before a resume included. */
export async function secondsOf(folder: string): Promise<number> {
  const last = (await (await RunDirectory.open(folder)).readMetrics()).at(-1);
  return Number(last?.seconds ?? 0);
}

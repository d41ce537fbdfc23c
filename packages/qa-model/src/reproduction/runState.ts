import { join } from "node:path";
import { RunDirectory } from "@symgrad/core";
import { isFile } from "../internal/isFile";

/** Whether a folder holds a run that can be gone on with. */
export async function isRun(folder: string): Promise<boolean> {
  return RunDirectory.open(folder).then(
    () => true,
    () => false,
  );
}

/** Whether a folder holds a reader that was trained to the end. */
export async function isDone(folder: string): Promise<boolean> {
  return isFile(join(folder, "reader", "reader.json"));
}

/** Seconds of a run's whole training, the processes before a resume included. */
export async function secondsOf(folder: string): Promise<number> {
  const last = (await (await RunDirectory.open(folder)).readMetrics()).at(-1);
  return Number(last?.seconds ?? 0);
}

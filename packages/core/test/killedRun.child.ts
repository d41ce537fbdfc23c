// Trains in a process of its own, to be killed: `node child.mjs <run directory> <steps>`. Prints each finished step.
import { writeSync } from "node:fs";
import { initBackend } from "../src/index";
import { countingRun } from "./countingRun";

const [, , path, steps] = process.argv;
await initBackend({ backend: "cpu" });
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
await countingRun({
  path: path!,
  steps: Number(steps),
  pause: 3,
  signal: stop.signal,
  onStep: (step) => void writeSync(1, `${step}\n`),
}).catch((error: { code?: string }) => {
  writeSync(2, String(error));
  process.exitCode = error.code === "E_ABORT" ? 130 : 1;
});

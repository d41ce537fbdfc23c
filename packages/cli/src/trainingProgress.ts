import type { TrainReaderProgress } from "@symgrad/qa-model";
import type { Progress } from "./progress";

const labels = { prepare: "preparing", train: "training", evaluate: "scoring" } as const;

/** Draws what `trainReader` reports. */
export function showTraining(progress: Progress, what = ""): (state: TrainReaderProgress) => void {
  return ({ phase, step, steps, metrics, secondsLeft }) => {
    const label = `${labels[phase]}${what && ` ${what}`}`;
    const note = metrics.loss === undefined ? "" : `loss ${metrics.loss.toFixed(3)}`;
    progress.update({ label, done: step, total: steps, secondsLeft, note });
  };
}

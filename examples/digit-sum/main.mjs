// node main.mjs [--summands 2|3|4] [--objective mml|bce] [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { initBackend } from "@symgrad/core";
import { trainDigitSum } from "./trainDigitSum.mjs";

const { values } = parseArgs({
  options: {
    summands: { type: "string", default: "2" },
    objective: { type: "string", default: "mml" },
    epochs: { type: "string", default: "60" },
    seed: { type: "string", default: "0" },
  },
});
await initBackend();
const result = await trainDigitSum({
  summands: Number(values.summands),
  objective: values.objective,
  epochs: Number(values.epochs),
  seed: Number(values.seed),
  onEpoch: ({ epoch, loss }) => {
    if ((epoch + 1) % 10 === 0) console.error(`epoch ${epoch + 1}: loss ${loss.toFixed(3)} nats`);
  },
});
console.log(
  `sum of ${values.summands}: ${percent(result.sumAccuracy)} right, single digits ${percent(result.digitAccuracy)}, ${result.seconds.toFixed(0)} s`,
);

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

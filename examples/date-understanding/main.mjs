// node main.mjs [--count N] [--epochs N] [--seed N] [--evaluate bbh-date-understanding.json]
import { parseArgs } from "node:util";
import { initBackend } from "@symgrad/core";
import { generateQuestions } from "./generateQuestions.mjs";
import { readBigBench } from "./readBigBench.mjs";
import { accuracy, trainDates } from "./trainDates.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "3000" },
    epochs: { type: "string", default: "12" },
    seed: { type: "string", default: "0" },
    evaluate: { type: "string" },
  },
});
await initBackend();
const seed = Number(values.seed);
const reader = await trainDates({
  examples: generateQuestions(Number(values.count), 2 * seed),
  epochs: Number(values.epochs),
  seed,
  onEpoch: ({ epoch, loss }) => console.error(`epoch ${epoch + 1}: loss ${loss.toFixed(3)} nats`),
});
console.log(`learned in ${reader.seconds.toFixed(0)} s`);
console.log(
  `generated questions never seen: ${percent(accuracy(reader, generateQuestions(500, 2 * seed + 1)))}`,
);
if (values.evaluate)
  console.log(`BIG-Bench Hard: ${percent(accuracy(reader, readBigBench(values.evaluate)))}`);

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

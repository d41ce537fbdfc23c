// How well a network reads handwritten digits after learning from sums alone: the example, seed by seed.
import { initBackend } from "@symgrad/core";
import { trainDigitSum } from "../../examples/digit-sum/trainDigitSum.mjs";

const targets = { 2: 91, 3: 86.5, 4: 82 };
/** No seed may fall further below the mean: published systems collapse for some. */
const collapse = 5;

export async function run({ threads = 1, seeds = "5", objectives = ["mml", "bce"], log }) {
  await initBackend({ backend: "onnxruntime", threads });
  const list = seeds.includes(",")
    ? seeds.split(",").map(Number)
    : Array.from({ length: Number(seeds) }, (_, i) => i);
  const rows = [];
  for (const objective of objectives) {
    for (const summands of [2, 3, 4]) {
      const results = [];
      for (const seed of list) {
        const result = await trainDigitSum({ summands, objective, seed });
        results.push(result);
        log(
          `sum${summands} ${objective} seed ${seed}: ${percent(result.sumAccuracy)} (${result.seconds.toFixed(0)} s)`,
        );
      }
      const accuracies = results.map(({ sumAccuracy }) => percent(sumAccuracy));
      const mean = round(accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length);
      rows.push({
        case: `sum${summands}`,
        objective,
        seeds: list.length,
        mean,
        worst: Math.min(...accuracies),
        accuracies,
        digits: round(
          results.reduce((sum, { digitAccuracy }) => sum + percent(digitAccuracy), 0) / results.length,
        ),
        secondsPerRun: round(results.reduce((sum, { seconds }) => sum + seconds, 0) / results.length),
        target: objective === "mml" ? targets[summands] : undefined,
      });
    }
  }
  return {
    what: "accuracy on sums of unseen digits after learning from sums alone, percent, mean over seeds",
    command: `npm run bench -- digit-sum --seeds ${seeds} --json`,
    rows,
    failed: rows.some(
      ({ mean, worst, target }) => target !== undefined && (mean < target || worst < mean - collapse),
    ),
    notes: [
      `2,000 random tuples of 500 test images; targets: mean ${Object.values(targets).join(" / ")}, no seed ${collapse} below it`,
    ],
  };
}

function percent(share) {
  return round(100 * share);
}

function round(value) {
  return Math.round(value * 100) / 100;
}

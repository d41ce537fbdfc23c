// What the demo's reader learns, seed by seed: F1 and term accuracy (percent) on unseen questions. Seeds that the
// results file holds already, for the same preset, are not run again: a stopped run goes on where it was.
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initBackend, writeFileAtomic } from "@symgrad/core";
import { demoPreset, generateSynthetic, trainReader } from "@symgrad/qa-model";
import { calculator, createRegistry } from "@symgrad/symbolic-plugins";

const file = fileURLToPath(new URL("../results/demo-seeds.json", import.meta.url));

/** @param options.seeds How many seeds, from 0, or a list of them. */
export async function run({ seeds = "10", threads, log }) {
  const backend = await initBackend({ backend: "onnxruntime", ...(threads ? { threads } : {}) });
  const wanted = seeds.includes(",") ? seeds.split(",").map(Number) : [...Array(Number(seeds)).keys()];
  for (const seed of wanted) {
    if ((await storedRows()).some((row) => row.seed === seed)) continue;
    log(`demo-seeds: seed ${seed}`);
    const row = await trainOne(seed, backend.threads);
    log(JSON.stringify(row));
    const rows = [...(await storedRows()), row].sort((a, b) => a.seed - b.seed);
    await writeFileAtomic(file, `${JSON.stringify(summary(rows), null, 2)}\n`);
  }
  return summary((await storedRows()).filter((row) => wanted.includes(row.seed)));
}

async function trainOne(seed, threads) {
  const { type, transfer, people, digits, examples, evaluationExamples } = demoPreset;
  const drawn = { type, transfer, people, digits, seed };
  const output = join(tmpdir(), `symgrad-demo-seeds-${process.pid}-${seed}`);
  const { reader, evaluation, seconds } = await trainReader({
    ...demoPreset,
    config: demoPreset.reader,
    data: [...generateSynthetic({ ...drawn, count: examples })],
    evaluation: [...generateSynthetic({ ...drawn, count: evaluationExamples, start: examples })],
    registry: createRegistry([calculator]),
    output,
    seed,
  });
  reader.dispose();
  await rm(output, { recursive: true, force: true });
  const percent = (share) => Math.round(share * 1000) / 10;
  return {
    seed,
    f1: percent(evaluation.f1),
    termAccuracy: percent(evaluation.termAccuracy),
    seconds: Math.round(seconds),
    threads,
  };
}

/** The rows of the results file that this preset made. */
async function storedRows() {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const stored = JSON.parse(text);
  return JSON.stringify(stored.preset) === JSON.stringify(demoPreset) ? stored.rows : [];
}

function summary(rows) {
  const learned = rows.filter(({ f1, termAccuracy }) => f1 >= 90 && termAccuracy >= 90).length;
  return {
    what: "the demo's reader after training, percent on unseen questions",
    command: "npm run bench -- demo-seeds --seeds 10",
    preset: demoPreset,
    notes: [`${learned} of ${rows.length} seeds reach F1 90 and term accuracy 90`],
    rows,
  };
}

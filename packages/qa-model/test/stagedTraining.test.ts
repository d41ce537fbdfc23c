import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initBackend } from "@symgrad/core";
import { createRegistry } from "@symgrad/symbolic-plugins";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluateReader, loadReader, type ReaderExample, trainReader } from "../src/index";
import { difference, sum } from "./sumThenDifference";
import { TINY } from "./tinyReader";

const available = await initBackend({ backend: "onnxruntime", threads: 2 }).then(
  () => true,
  () => false,
);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-stages-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(!available)("two functions learn which arguments to pass on, from answers alone", async () => {
  const sums = createRegistry([sum, difference]);
  const data = Array.from({ length: 64 }, (_, i): ReaderExample => {
    const [a, b, c] = [11 + ((7 * i) % 80), 12 + ((29 * i) % 83), 13 + ((53 * i) % 79)];
    return {
      passage: `John has ${a} nuts, Mark has ${b} nuts, Ryan has ${c} nuts.`,
      question: "How many nuts?",
      answer: `${a + c - b}`,
      gold_pair: [0, 2],
      gold_arguments: [
        [`${a}`, `${c}`],
        [`${a + c}`, `${b}`],
      ],
    };
  });
  const { reader, metrics } = await trainReader({
    data,
    output: join(folder, "learns"),
    registry: sums,
    function: [sum.name, difference.name],
    config: TINY,
    steps: 60,
    batchSize: 16,
    learningRate: 2e-2,
    seed: 2,
  });
  const unseen = data
    .slice(0, 20)
    .map((one) => ({ ...one, passage: one.passage.replaceAll("nuts", "eggs") }));
  const { termAccuracy, stageAccuracy } = await evaluateReader(reader, unseen);
  expect(metrics.computed).toBeGreaterThan(0.9);
  expect(termAccuracy).toBeGreaterThan(0.9);
  expect(Math.min(...stageAccuracy!)).toBeGreaterThan(0.9);
  reader.dispose();
  const again = await loadReader(join(folder, "learns"), { registry: sums });
  expect((await evaluateReader(again, unseen)).stageAccuracy).toEqual(stageAccuracy);
  again.dispose();
});

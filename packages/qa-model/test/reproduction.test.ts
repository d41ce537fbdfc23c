import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cellFolder,
  DROP_CELLS,
  generateSynthetic,
  REPRODUCTION_SCALES,
  type ReproduceCellOptions,
  type ReproduceDropCellOptions,
  readDrop,
  readDropResult,
  reproduceCell,
  reproduceDropCell,
  reproductionTable,
  selectCells,
} from "../src/index";
import { referenceLevels } from "../src/reproduction/referenceLevels";
import { cellData } from "../src/reproduction/reproductionCells";
import { registry, TINY } from "./tinyReader";

let root: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  root = await mkdtemp(join(tmpdir(), "symgrad-reproduction-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const small = REPRODUCTION_SCALES.small;
const sizes = { people: 3, digits: 2, examples: 6, evaluationExamples: 6, steps: 3, batchSize: 2 };
const scale = { ...small, ...sizes, reader: TINY };
const options = (table: "table1" | "table3" | "table4", name: string): ReproduceCellOptions => {
  const [cell] = selectCells(table, [name]);
  const output = cellFolder(root, cell!, scale, 0);
  return { cell: cell!, scale, seed: 0, output, registry: registry(), hardware: { cpu: "any" } };
};

// The reference's section 7, measured there on 4,000 examples of another generator.
test.each([
  ["7 digits", { digits: 7 }, 0.73],
  ["1 to 6 digits", { maxDigits: 6 }, 0.945],
] as const)(
  "ignoring the transfer answers argmax questions of %s as often as was measured",
  (_, digits, known) => {
    const drawn = { type: "argmax", transfer: true, ...digits, seed: 5 } as const;
    const levels = referenceLevels([...generateSynthetic({ ...drawn, count: 2_000 })]);
    expect(Math.abs(levels.ignoringTransfer! - known)).toBeLessThan(0.025); // 2.5 standard deviations
    expect(levels).toMatchObject({ guessingName: 0.5, randomPair: expect.closeTo(1 / 55, 10) });
  },
);

test("without a transfer nothing is ignored, and without a name nothing is guessed", () => {
  const max = referenceLevels([...generateSynthetic({ type: "max", transfer: false, seed: 0, count: 9 })]);
  expect(max).toEqual({ randomPair: expect.closeTo(1 / 45, 10) });
  const transferred = generateSynthetic({ type: "max", transfer: true, digits: 4, seed: 0, count: 200 });
  const wins = referenceLevels([...transferred]).ignoringTransfer!;
  // Right where the one who took no part has the larger amount both as written and in the end: never above half.
  expect(wins).toBeGreaterThan(0.1);
  expect(wins).toBeLessThanOrEqual(0.5);
});

test("table 4 trains on short numbers and scores longer ones, by argmax alone", () => {
  const [mix] = selectCells("table4", ["mix-shared"]);
  const shared = { transfer: true, wording: "shared", people: 10 };
  expect(cellData(mix!, REPRODUCTION_SCALES.paper)).toEqual({
    training: { ...shared, type: "mix", maxDigits: 6 },
    evaluation: { ...shared, type: "argmax", digits: 7 },
  });
});

test("a cell that was stopped goes on where it was, ends as an uninterrupted one, and is not run again", async () => {
  const mix = options("table3", "mix-transfer");
  const whole = await reproduceCell({ ...mix, output: join(root, "whole") });
  const controller = new AbortController();
  const stopped = reproduceCell({
    ...mix,
    signal: controller.signal,
    onProgress: ({ phase, step }) => {
      if (phase === "train" && step === 2) controller.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: "E_ABORT" });
  const before = await reproductionTable(root, "table3", scale, [0]);
  expect(before.every(({ results, f1 }) => results.length === 0 && f1 === undefined)).toBe(true);

  const result = await reproduceCell(mix);
  expect({ ...result, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
  expect(Object.keys(result.perType!)).toEqual(["argmax", "max"]);
  const { argmax, max } = result.perType as Record<string, { f1: number; count: number }>;
  expect(argmax!.count + max!.count).toBe(6);
  expect((argmax!.f1 * argmax!.count + max!.f1 * max!.count) / 6).toBeCloseTo(result.f1, 10);
  const weights = (folder: string) => readFile(join(folder, "reader", "model.safetensors"));
  expect((await weights(mix.output)).equals(await weights(join(root, "whole")))).toBe(true);

  let steps = 0;
  expect(await reproduceCell({ ...mix, onProgress: () => void steps++ })).toEqual(result);
  expect(steps).toBe(0);
  const other = reproduceCell({ ...mix, scale: { ...scale, steps: 4 } });
  await expect(other).rejects.toMatchObject({ code: "E_USAGE" });

  const rows = await reproductionTable(root, "table3", scale, [0, 1]);
  const row = rows.find(({ cell }) => cell.name === "mix-transfer")!;
  expect(row.f1).toBe(result.f1);
  expect(row.results).toEqual([result]);
});

test("the choice may learn from labels alone", async () => {
  const labels = options("table3", "mix-transfer-shared-labels");
  expect((await reproduceCell(labels)).config).toMatchObject({ choiceGradient: 0 });
  const run = JSON.parse(await readFile(join(labels.output, "config.json"), "utf8"));
  expect(run).toMatchObject({ choiceGradient: 0, train: "all", argLoss: "bce" });
});

test("the baseline has no terms; the paper's scale wants an encoder; an unknown cell lists the known", async () => {
  const baseline = await reproduceCell(options("table4", "argmax-baseline"));
  expect(baseline).not.toHaveProperty("termAccuracy");
  expect(baseline.config).toMatchObject({ calculator: false, evaluation: { type: "argmax", digits: 4 } });
  const pretrained = reproduceCell({
    ...options("table3", "max"),
    scale: { ...scale, pretrained: true },
  });
  await expect(pretrained).rejects.toThrow(/E_USAGE.*pretrained encoder/);
  expect(() => selectCells("table3", ["max", "mx"])).toThrow(/"mx"[\s\S]*max-transfer/);
});

test("table 1: trained with a bias, scored with it and against it", async () => {
  const [cell] = selectCells("table1", ["swap-end-only"]);
  const data = cellData(cell!, small);
  expect(data.training).toEqual(data.evaluation);
  expect([data.evaluation.bias, data.swapped!.bias]).toEqual([0.95, 0.05]);
  const drawn = { ...data.swapped!, seed: 0, count: 400, start: 20_000 };
  const named = [...generateSynthetic(drawn)].filter(({ type }) => type === "argmax");
  const first = named.filter(({ answer, asked }) => answer === asked[0]).length / named.length;
  expect(first).toBeLessThan(0.12); // 0.05, and four standard deviations of some 200 questions

  const result = await reproduceCell(options("table1", "swap-end-only"));
  expect(result.config).toMatchObject({ argLoss: "none", training: { bias: 0.95 } });
  expect(result.swapped).toMatchObject({ count: 6, f1: expect.any(Number) });
  const rows = await reproductionTable(root, "table1", scale, [0]);
  expect(rows.map(({ cell, swapped }) => [cell.name, swapped?.f1])).toEqual([
    ["swap", undefined],
    ["swap-baseline", undefined],
    ["swap-labels", undefined],
    ["swap-end-only", result.swapped!.f1],
  ]);
});

describe("table 1 on DROP", () => {
  // fixtures/bert/make.py
  const encoder = fileURLToPath(new URL("../../../fixtures/bert/bert", import.meta.url));
  const file = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => {
        const [many, few] = [40 + i, 7 + 2 * i];
        const answer = { number: "", spans: [] as string[], date: { day: "", month: "", year: "" } };
        const passage = `Anna has ${many} grapes, and Carl has ${few} grapes.`;
        const qa_pairs = [
          {
            query_id: `c${i}`,
            question: "Who has more grapes: Anna or Carl?",
            answer: { ...answer, spans: ["Anna"] },
          },
          {
            query_id: `d${i}`,
            question: "How many more grapes has Anna than Carl?",
            answer: { ...answer, number: String(many - few) },
          },
        ];
        return [`p${i}`, { passage, qa_pairs }];
      }),
    );
  const given = async (more: Partial<ReproduceDropCellOptions> = {}): Promise<ReproduceDropCellOptions> => {
    const path = join(root, "drop.json");
    await writeFile(path, JSON.stringify(file(5)));
    const cell = DROP_CELLS.find(({ name }) => name === "drop-baseline")!;
    const training = { steps: 2, batchSize: 2, learningRate: 1e-3, seed: 0, encoder, registry: registry() };
    return {
      cell,
      data: await readDrop(path),
      folds: 2,
      output: join(root, "drop"),
      ...training,
      hardware: {},
      ...more,
    };
  };

  test("each fold is scored by a reader of the others; stopped and resumed equals uninterrupted", async () => {
    const whole = await reproduceDropCell(await given({ output: join(root, "drop-whole") }));
    // Three passages and two, two questions each.
    expect(whole).toMatchObject({ cell: "drop-baseline", count: 5, trained: 5 });
    for (const [fold, examples] of [
      [0, 4],
      [1, 6],
    ]) {
      const config = JSON.parse(
        await readFile(join(root, "drop-whole", `fold-${fold}`, "config.json"), "utf8"),
      );
      expect(config).toMatchObject({ examples, calculator: false, encoder });
    }
    expect(whole.unmoved).toBeGreaterThanOrEqual(0);
    const controller = new AbortController();
    const stopped = reproduceDropCell(
      await given({
        signal: controller.signal,
        onProgress: ({ phase, step }, fold) => {
          if (fold === 1 && phase === "train" && step === 1) controller.abort();
        },
      }),
    );
    await expect(stopped).rejects.toMatchObject({ code: "E_ABORT" });
    const resumed = await reproduceDropCell(await given());
    expect({ ...resumed, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
    expect(await readDropResult(join(root, "drop"))).toEqual(resumed);
    await expect(reproduceDropCell(await given({ steps: 3 }))).rejects.toMatchObject({ code: "E_USAGE" });
  });

  test("with a file of its own to learn from there are no folds", async () => {
    const options = await given({ output: join(root, "drop-train") });
    const result = await reproduceDropCell({ ...options, train: options.data.slice(0, 4) });
    expect(result).toMatchObject({ count: 5, trained: 4, config: { folds: 1 } });
    const none = reproduceDropCell({ ...options, output: join(root, "drop-none"), data: [] });
    await expect(none).rejects.toThrow(/E_USAGE.*no comparison question/);
  });
});

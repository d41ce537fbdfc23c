import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { initBackend } from "@symgrad/core";
import { demoPreset, type TrainingPreset } from "@symgrad/qa-model";
import { beforeAll, expect, test } from "vitest";
import { demoDocument, describeDemo } from "../src/describeDemo";
import { learnDemo } from "../src/learnDemo";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

// The demo as it is, on the smallest setting.
const folder = temporaryFolder();
const setting: TrainingPreset = {
  ...demoPreset,
  people: 3,
  digits: 2,
  examples: 64,
  evaluationExamples: 30,
  reader: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 96 },
  steps: 6,
  batchSize: 8,
};
const progress = { update() {}, stop() {} };
const learn = (name: string, seed: number, signal = new AbortController().signal) =>
  learnDemo(setting, join(folder, name), { seed, progress, signal });

beforeAll(() => initBackend());

test("prints the scores beside the untrained reader's and the one's without a calculator", async () => {
  const run = join(folder, "whole");
  const outcome = await learn("whole", 3);
  const document = JSON.parse(JSON.stringify(demoDocument(setting, outcome)));
  expect(document).toEqual({
    f1: expect.any(Number),
    termAccuracy: expect.any(Number),
    seconds: expect.any(Number),
    setting: { type: "max", transfer: true, people: 3, digits: 2 },
    untrained: { f1: expect.any(Number), termAccuracy: expect.any(Number) },
    withoutCalculator: { f1: expect.any(Number) },
    examples: expect.any(Array),
    runDirectory: run,
  });
  expect(document.seconds).toBeGreaterThan(0);
  expect(document.examples).toHaveLength(3);
  for (const { passage, question, gold, answer, calls } of document.examples) {
    for (const text of [passage, question, gold, answer]) expect(text).toEqual(expect.any(String));
    expect(calls[0].arguments).toHaveLength(2);
  }
  const text = describeDemo(setting, outcome);
  expect(text).toMatch(
    /untrained +\d+\.\d +\d+\.\d\n.*without a calculator.* \d+\.\d +-\n.*with a calculator/,
  );
  expect(text.match(/Asked for: +\d+ and \d+/g)).toHaveLength(3);
  expect(text).toContain(run);

  // The run directory holds what the scores were measured on, and a reader that gives them again.
  const data = join(run, "evaluation.jsonl");
  expect(readFileSync(data, "utf8").trimEnd().split("\n")).toHaveLength(30);
  const again = JSON.parse((await symgrad(["eval", "qa", run, "--data", data, "--json"])).stdout);
  expect(again).toMatchObject({ f1: document.f1, termAccuracy: document.termAccuracy, count: 30 });
});

test("the same seed gives the same scores, also when stopped and resumed", async () => {
  const whole = await learn("again", 3);
  const controller = new AbortController();
  const stopping = { update: ({ done }: { done: number }) => done === 3 && controller.abort(), stop() {} };
  const output = join(folder, "stopped");
  const stopped = learnDemo(setting, output, { seed: 3, progress: stopping, signal: controller.signal });
  await expect(stopped).rejects.toMatchObject({ code: "E_ABORT" });
  expect(existsSync(join(output, "without-calculator"))).toBe(false);
  const signal = new AbortController().signal;
  const resumed = await learnDemo(setting, output, { seed: 3, resume: true, progress, signal });
  for (const part of ["untrained", "trained", "withoutCalculator"] as const) {
    expect(resumed[part]).toEqual(whole[part]);
  }
});

test("a run directory that exists is refused", async () => {
  const { status, stderr } = await symgrad(["demo", "--out", folder]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_EXISTS/);
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

test("text to encoder to reader", async () => {
  const document = (i: number) =>
    `The hen number ${i} sat. It saw ${i + 3} cats.\nThe cats saw the hen. They ran away.`;
  writeFileSync(at("text.txt"), Array.from({ length: 12 }, (_, i) => document(i)).join("\n\n"));
  const shape = [
    "--layers",
    "1",
    "--hidden",
    "16",
    "--heads",
    "2",
    "--max-tokens",
    "32",
    "--vocabulary-size",
    "120",
  ];
  const run = ["pretrain", at("text.txt"), "--out", at("run"), ...shape, "--steps", "4", "--batch-size", "4"];
  const pretrained = await symgrad([...run, "--whole-words", "--json"]);
  expect(pretrained.stderr).not.toMatch(/E_/);
  expect(pretrained.status).toBe(0);
  const { encoder, evaluation } = JSON.parse(pretrained.stdout);
  expect(encoder).toBe(join(at("run"), "encoder"));
  expect(evaluation.perplexity).toBeGreaterThan(1);
  expect(evaluation.nextSentenceAccuracy).toBeGreaterThanOrEqual(0);

  const passage = "Hen 1 has 98 grapes, hen 2 has 30 grapes.";
  const example = { id: "0", passage, question: "How many has hen 1?", answer: "98" };
  writeFileSync(at("data.jsonl"), `${JSON.stringify(example)}\n`);
  const reader = ["train", "qa", "--data", at("data.jsonl"), "--out", at("reader"), "--encoder", encoder];
  const trained = await symgrad([...reader, "--steps", "1", "--batch-size", "1"]);
  expect(trained.stderr).not.toMatch(/E_/);
  expect(trained.status).toBe(0);

  const again = await symgrad(run);
  expect(again.status).toBe(2);
  expect(again.stderr).toMatch(/E_EXISTS/);
});

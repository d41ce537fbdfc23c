import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { codeExamples } from "./readme";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const tiny = ["--layers", "1", "--hidden", "16", "--heads", "2", "--batch-size", "4", "--steps", "2"];
const train = (plugin: string, out: string, ...more: string[]) =>
  symgrad(["train", "qa", "--data", "train.jsonl", "--out", out, "--plugin", plugin, ...tiny, ...more], {
    cwd: folder,
  });

beforeAll(async () => {
  const setting = ["--type", "max", "--no-transfer", "--people", "3", "--digits", "2", "--count", "20"];
  await symgrad(["data", "synthetic", ...setting, "--out", join(folder, "train.jsonl")]);
});

test("the README's plugin trains from an empty folder, and its reader needs it again", async () => {
  writeFileSync(join(folder, "larger.mjs"), codeExamples().get("larger.mjs")!);
  const trained = await train("./larger.mjs", "runs/larger", "--function", "mine.larger.v1");
  expect(trained.stderr).not.toMatch(/E_/);
  expect(trained.status).toBe(0);
  const ask = ["predict", "qa", "runs/larger", "--passage", "Anna has 12 grapes, Carl has 31 grapes."];
  const question = [
    "--question",
    "What is the maximum number of grapes owned either by Anna or Carl?",
    "--json",
  ];
  const answered = await symgrad([...ask, ...question, "--plugin", "larger.mjs"], { cwd: folder });
  expect(JSON.parse(answered.stdout).calls).toMatchObject([
    { function: "mine.larger.v1", arguments: ["12", "31"], result: "31" },
  ]);
  const without = await symgrad([...ask, ...question], { cwd: folder });
  expect(without.status).toBe(2);
  expect(without.stderr).toMatch(/E_NAME .*mine\.larger\.v1/);
});

test.each([
  ["is not there", undefined, /E_PLUGIN .*absent|E_PLUGIN .*plugin\.mjs/],
  ["does not parse", "export default {", /E_PLUGIN .*plugin\.mjs/],
  ["throws", 'throw new Error("out of order");', /E_PLUGIN .*out of order/],
  ["imports what is not installed", 'import "nowhere-to-be-found";', /E_PLUGIN .*nowhere-to-be-found/],
  ["exports no function", "export const answer = 42;", /E_PLUGIN .*answer[\s\S]*defineFunction/],
  ["exports half a function", 'export default { name: "mine.x.v1", args: {}, run() {} };', /E_USAGE/],
  [
    "takes a name that is taken",
    'import { calculator } from "@symgrad/symbolic-plugins"; export default { ...calculator };',
    /E_DUPLICATE .*symgrad\.calculator\.v1/,
  ],
])("a plugin that %s: status 2 and a code", async (_, source, expected) => {
  const file = join(folder, "plugin.mjs");
  if (source !== undefined) writeFileSync(file, source);
  const { status, stderr } = await train("plugin.mjs", "never");
  expect(status).toBe(2);
  expect(stderr).toMatch(expected);
});

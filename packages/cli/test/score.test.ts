import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const write = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), "utf8"));

test("score drop: the official numbers in percent, per type, with intervals", async () => {
  const mixed = fixture("drop-metric/cases.json").datasets.at(-1);
  const gold = write("drop.json", mixed.annotations);
  const predictions = write("predictions.json", { ...mixed.predictions, other: "x" });
  const args = ["score", "drop", "--gold", gold, "--predictions", predictions];
  const { status, stdout } = await symgrad([...args, "--json"]);
  expect(status).toBe(0);
  const scores = JSON.parse(stdout);
  expect(scores).toMatchObject({
    count: 3,
    exactMatch: 100 * mixed.global_em,
    f1: 100 * mixed.global_f1,
    missing: 0,
    unknown: 1,
    perType: {
      number: { count: 1, exactMatch: 100, f1: 100 },
      span: { count: 1, exactMatch: 100, f1: 100 },
      spans: { count: 1, exactMatch: 0, f1: 50 },
    },
  });
  expect(scores.interval.f1[0]).toBeLessThanOrEqual(scores.f1);
  expect(scores.interval.f1[1]).toBeGreaterThanOrEqual(scores.f1);
  const told = await symgrad(args);
  expect(told.stdout).toMatch(
    /F1 +83\.3[\s\S]*spans +1 +0\.0 +50\.0[\s\S]*1 predictions belong to no question/,
  );
});

test("score squad: version 2 with probabilities of no answer", async () => {
  const [, threshold] = fixture("squad-metric/cases.json").datasets;
  const gold = write("squad.json", { version: "2.0", data: threshold.data });
  const args = [
    "score",
    "squad",
    "--gold",
    gold,
    "--predictions",
    write("p.json", threshold.predictions),
    "--json",
  ];
  const probabilities = ["--na-probabilities", write("na.json", threshold.na_probs), "--na-threshold", "0.5"];
  const scores = JSON.parse((await symgrad([...args, ...probabilities])).stdout);
  expect(scores).toMatchObject({
    exactMatch: 100,
    f1: 100,
    perType: { unanswerable: { count: 1, f1: 100 } },
  });
  const first = JSON.parse((await symgrad([...args, "--squad", "1"])).stdout);
  expect(first).toMatchObject({ exactMatch: 50, perType: { answerable: { count: 2 } } });
});

test.each([
  ["a prediction that is a number", { q: 5 }, /E_FORMAT expected text or a list, found 5\.[\s\S]*at q/],
  ["broken JSON", "{", /E_FORMAT this is not JSON/],
])("%s: status 2 and a clear error", async (_, content, message) => {
  const gold = write("gold.json", { p: { passage: "", qa_pairs: [] } });
  const args = ["score", "drop", "--gold", gold, "--predictions", write("bad.json", content)];
  const { status, stdout, stderr } = await symgrad(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test("data swap: both passages of a comparison, as pairs and as examples", async () => {
  const question = {
    query_id: "q",
    question: "Which group is larger: men or women?",
    answer: { spans: ["women"] },
  };
  const gold = write("compare.json", { p: { passage: "There were 5 men, 7 women.", qa_pairs: [question] } });
  const out = join(folder, "swapped.jsonl");
  const { stdout } = await symgrad(["data", "swap", "--data", gold, "--out", out, "--json"]);
  expect(JSON.parse(stdout)).toEqual({ file: out, questions: 1, swapped: 1 });
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({
    other_passage: "There were 7 men, 5 women.",
    other_answer: "men",
  });
  const lines = await symgrad(["data", "swap", "--data", gold, "--out", "-", "--form", "examples"]);
  expect(
    lines.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).answer),
  ).toEqual(["women", "men"]);
});

test("data synthetic: --type difference, --bias and --wording", async () => {
  const args = ["data", "synthetic", "--count", "2", "--out", "-"];
  const difference = await symgrad([...args, "--type", "difference"]);
  expect(difference.stdout).toMatch(/How many more \w+ does \w+ have than \w+\?/);
  const shared = await symgrad([...args, "--type", "max", "--wording", "shared", "--bias", "0.95"]);
  expect(shared.stdout).toMatch(/"setting":"max-tr-bias0\.95-shared".*What max of \w+ owned either by/);
  const { status, stderr } = await symgrad([...args, "--type", "max", "--bias", "2"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/from 0 to 1/);
});

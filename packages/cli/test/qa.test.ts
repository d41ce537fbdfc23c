import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadExportedReader } from "@symgrad/qa-model";
import { beforeAll, expect, test } from "vitest";
import { type Outcome, symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

// From data to answers, as a user goes: the smallest reader that has all the parts.
const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const setting = ["--type", "max", "--transfer", "--people", "3", "--digits", "2"];
const shape = ["--layers", "1", "--hidden", "16", "--heads", "2", "--batch-size", "8"];
const steps = 60;
const train = (out: string, ...more: string[]) =>
  symgrad(["train", "qa", "--data", at("train.jsonl"), "--out", at(out), ...more]);

function metricsOf(run: string): Record<string, unknown>[] {
  const lines = readFileSync(join(at(run), "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => {
    const { seconds, ...numbers } = JSON.parse(line);
    return numbers;
  });
}

let whole: Outcome;
beforeAll(async () => {
  for (const [file, seed, count] of [
    ["train.jsonl", "1", "200"],
    ["eval.jsonl", "2", "20"],
  ] as const) {
    await symgrad(["data", "synthetic", ...setting, "--seed", seed, "--count", count, "--out", at(file)]);
  }
  whole = await train("whole", ...shape, "--steps", String(steps), "--eval", at("eval.jsonl"), "--json");
});

test("training leaves a run directory and reports it as one JSON document", () => {
  expect(whole.status).toBe(0);
  const report = JSON.parse(whole.stdout);
  expect(report).toMatchObject({ runDirectory: at("whole"), steps });
  expect(report.evaluation.count).toBe(20);
  const config = JSON.parse(readFileSync(join(at("whole"), "config.json"), "utf8"));
  expect(config).toMatchObject({ steps, batchSize: 8, seed: 0, argLoss: "mml", reader: { hidden_size: 16 } });
  expect(metricsOf("whole").at(-1)!.step).toBe(steps);
  expect(existsSync(join(at("whole"), "reader", "model.safetensors"))).toBe(true);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const)(
  "stopped by %s and resumed, a run ends where an uninterrupted one ends",
  async (signal, expected) => {
    const out = `stopped-${signal}`;
    const stopped = await symgrad(
      ["train", "qa", "--data", at("train.jsonl"), "--out", at(out), ...shape, "--steps", String(steps)],
      {
        whileRunning: async (child) => {
          while (!hasMetrics(out)) await pause(5);
          child.kill(signal);
        },
      },
    );
    expect(stopped.status).toBe(expected);
    if (signal !== "SIGKILL") {
      expect(stopped.stderr).toMatch(/E_ABORT/);
      expect(stopped.stderr).toMatch(/Go on with: .* train qa --data .* --out .* --resume/);
      expect(readdirSync(join(at(out), "checkpoints"))).toHaveLength(1);
    }
    expect(metricsOf(out).length).toBeLessThan(metricsOf("whole").length);

    const resumed = await train(out, "--resume", "--json");
    expect(resumed.status).toBe(0);
    expect(JSON.parse(resumed.stdout).metrics).toEqual(JSON.parse(whole.stdout).metrics);
    expect(metricsOf(out)).toEqual(metricsOf("whole"));
  },
);

test("a part is trained from a trained reader; the best on the way is kept", async () => {
  const settings = ["--steps", "4", "--batch-size", "4", "--accumulate", "2", "--buckets", "2"];
  const wanted = ["--train", "reader", "--head-learning-rate", "0.01", "--freeze-layers", "0"];
  const scoring = ["--eval", at("eval.jsonl"), "--evaluate-every", "2", "--json"];
  const { status, stdout, stderr } = await train(
    "part",
    "--from",
    at("whole"),
    ...settings,
    ...wanted,
    ...scoring,
  );
  expect(stderr).not.toMatch(/E_/);
  expect(status).toBe(0);
  const { best, uncovered } = JSON.parse(stdout);
  expect(best.f1).toBeGreaterThanOrEqual(JSON.parse(stdout).evaluation.f1);
  expect([2, 4]).toContain(best.step);
  expect(uncovered).toBeGreaterThanOrEqual(0);
  const again = await symgrad(["eval", "qa", join(at("part"), "best"), "--data", at("eval.jsonl"), "--json"]);
  expect(JSON.parse(again.stdout).f1).toBe(best.f1);
  const config = JSON.parse(readFileSync(join(at("part"), "config.json"), "utf8"));
  expect(config).toMatchObject({ train: "reader", accumulate: 2, buckets: 2, freezeLayers: 0 });
  expect(config.reader.hidden_size).toBe(16);
});

test("eval qa scores the run in percent", async () => {
  const { status, stdout } = await symgrad(["eval", "qa", at("whole"), "--data", at("eval.jsonl"), "--json"]);
  expect(status).toBe(0);
  const scores = JSON.parse(stdout);
  expect(Object.keys(scores)).toEqual(["f1", "exactMatch", "termAccuracy", "count"]);
  expect(scores).toEqual(JSON.parse(whole.stdout).evaluation);
  const text = await symgrad(["eval", "qa", at("whole"), "--data", at("eval.jsonl")]);
  expect(text.stdout).toMatch(/^F1 +\d+\.\d\n/);
});

test("predict qa answers one question, and a file of them by id", async () => {
  const passage = "Anna has 98 grapes, Carl has 30 grapes, Ryan has 75 grapes, Anna gave 62 grapes to Carl.";
  const question = "What is the maximum number of grapes owned either by Carl or Ryan?";
  const one = await symgrad([
    "predict",
    "qa",
    at("whole"),
    "--passage",
    passage,
    "--question",
    question,
    "--json",
  ]);
  expect(one.status).toBe(0);
  const prediction = JSON.parse(one.stdout);
  const [call] = prediction.calls;
  expect(call.function).toBe("symgrad.calculator.v1");
  expect(call.arguments).toHaveLength(2);
  const sources = { passage, question, function: call.result };
  const source = sources[prediction.source as keyof typeof sources];
  expect(source.slice(prediction.start, prediction.end)).toBe(prediction.answer);

  const out = at("answers.json");
  const many = await symgrad(["predict", "qa", at("whole"), "--data", at("eval.jsonl"), "--out", out]);
  expect(many.status).toBe(0);
  const answers = JSON.parse(readFileSync(out, "utf8"));
  expect(Object.keys(answers)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
});

test("export writes graphs that answer as the run does", async () => {
  const exported = await symgrad(["export", at("whole"), "--out", at("exported"), "--json"]);
  expect(exported.status).toBe(0);
  const report = JSON.parse(exported.stdout);
  expect(report.files).toEqual(
    ["terms", "answer"].map((name) => join(at("exported"), "onnx", `${name}.onnx`)),
  );
  expect(report.largestDifference).toBeLessThan(1e-4);
  const reader = await loadExportedReader(at("exported"));
  const passage = "Anna has 98 grapes, Carl has 30 grapes, Anna gave 62 grapes to Carl.";
  const question = "What is the maximum number of grapes owned either by Carl or Anna?";
  const [ours] = await reader.predict([{ passage, question }]);
  await reader.dispose();
  const text = ["--passage", passage, "--question", question, "--json"];
  const wanted = JSON.parse((await symgrad(["predict", "qa", at("whole"), ...text])).stdout);
  expect(ours).toMatchObject({ answer: wanted.answer, start: wanted.start, source: wanted.source });
  expect(ours!.calls[0]!.result).toBe(wanted.calls[0].result);
});

test("explain shows what an answer rests on, as text, JSON and a page", async () => {
  const passage =
    "Anna has 98 grapes, Carl has <30> grapes & Ryan has 75 grapes, Anna gave 62 grapes to Carl.";
  const ask = [
    "explain",
    at("whole"),
    "--passage",
    passage,
    "--question",
    "Who has more grapes: Anna or Ryan?",
  ];
  const json = await symgrad([...ask, "--json", "--html", at("why.html")]);
  expect(json.status).toBe(0);
  const { tokens, prediction } = JSON.parse(json.stdout);
  expect(tokens[0]).toMatchObject({ token: "[CLS]", source: "special" });
  expect(tokens.every((token: { gradientNorm: number }) => token.gradientNorm >= 0)).toBe(true);
  expect(prediction.calls).toHaveLength(1);
  expectPage(readFileSync(at("why.html"), "utf8"));
  const text = await symgrad(ask);
  expect(text.stdout).toMatch(/^Answer: [\s\S]*Gradient norm\n {2}\S+/);
});

test("report writes one page with curves, scores and explanations, beside the run", async () => {
  const { status, stdout } = await symgrad([
    "report",
    at("whole"),
    "--data",
    at("eval.jsonl"),
    "--examples",
    "1",
    "--digit-examples",
    "4",
    "--json",
  ]);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  const lengths = report.otherDigits.map((one: { digits: number; count: number }) => [one.digits, one.count]);
  expect(lengths).toEqual([2, 3, 4].map((digits) => [digits, 4]));
  const { f1, termAccuracy } = JSON.parse(whole.stdout).evaluation;
  expect(report).toMatchObject({ file: join(at("whole"), "report.html"), count: 20, f1, termAccuracy });
  const page = readFileSync(report.file, "utf8");
  expectPage(page);
  expect(page).toContain("The same task with numbers of other lengths");
  for (const heading of ["Scores", "Use of the function", "Training", "What answers rest on", "Settings"])
    expect(page).toContain(`<h2>${heading}</h2>`);
});

/** One well-formed document that asks nothing of the network, with words for every picture. */
function expectPage(html: string): void {
  expect(html).not.toMatch(/<script|https?:|url\(|<link|@import/);
  const open: string[] = [];
  for (const [, closes, name, selfCloses] of html
    .replace(/<!doctype html>|<style>[^<]*<\/style>/g, "")
    .matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
    if (closes) expect(open.pop()).toBe(name);
    else if (!selfCloses && name !== "meta") open.push(name!);
  }
  expect(open).toEqual([]);
  const pictures = html.match(/<svg[^>]*>/g) ?? [];
  for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]{10,}"/);
}

test("the reader without a calculator has no term accuracy", async () => {
  const { status, stdout } = await train(
    "baseline",
    ...shape,
    "--steps",
    "2",
    "--no-calculator",
    "--eval",
    at("eval.jsonl"),
    "--json",
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout).evaluation.termAccuracy).toBeNull();
});

test.each([
  ["a run directory that exists", ["--data", "train.jsonl", "--out", "whole"], /E_EXISTS .*whole/],
  ["no such file", ["--data", "absent.jsonl", "--out", "new"], /E_FILE .*absent\.jsonl/],
  [
    "an unknown function",
    ["--data", "train.jsonl", "--out", "new", "--function", "symgrad.calculater.v1"],
    /E_NAME .*symgrad\.calculator\.v1/s,
  ],
  ["nothing to resume", ["--data", "train.jsonl", "--out", "new", "--resume"], /E_FILE .*new/],
  [
    "resuming with another setting",
    ["--data", "train.jsonl", "--out", "whole", "--resume", "--hidden", "32"],
    /E_USAGE .*hidden_size: 16 then, 32 now/s,
  ],
  ["resuming with other data", ["--data", "eval.jsonl", "--out", "whole", "--resume"], /E_USAGE .*data/s],
  [
    "heads that do not divide the width",
    ["--data", "train.jsonl", "--out", "new", "--heads", "5"],
    /E_FORMAT .*num_attention_heads/,
  ],
  ["a broken line", ["--data", "broken.jsonl", "--out", "new"], /E_FORMAT [\s\S]*broken\.jsonl[\s\S]*3/],
  [
    "a truncated line",
    ["--data", "truncated.jsonl", "--out", "new"],
    /E_FORMAT [\s\S]*truncated\.jsonl[\s\S]*2/,
  ],
  ["an empty file", ["--data", "empty.jsonl", "--out", "new"], /E_\w+ /],
])("%s: status 2, a code, and no new run", async (_, args, expected) => {
  const lines = readFileSync(at("train.jsonl"), "utf8").split("\n");
  writeFileSync(at("broken.jsonl"), `${lines[0]}\n${lines[1]}\n{"passage": 3}\n`);
  writeFileSync(at("truncated.jsonl"), `${lines[0]}\n${lines[1]!.slice(0, 50)}`);
  writeFileSync(at("empty.jsonl"), "");
  const before = readFileSync(join(at("whole"), "metrics.jsonl"), "utf8");
  const { status, stdout, stderr } = await symgrad(["train", "qa", ...args, "--steps", String(steps)], {
    cwd: folder,
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(existsSync(at("new"))).toBe(false);
  expect(readFileSync(join(at("whole"), "metrics.jsonl"), "utf8")).toBe(before);
});

test("a checkpoint of another shape is refused", async () => {
  cpSync(at("whole"), at("other"), { recursive: true });
  const path = join(at("other"), "reader", "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(
    path,
    JSON.stringify({ ...config, hidden_size: 32, intermediate_size: 128, pair_hidden: 32 }),
  );
  const { status, stderr } = await symgrad(["eval", "qa", at("other"), "--data", at("eval.jsonl")]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_CHECKPOINT/);
});

test("predict and eval want a reader, and one way to ask", async () => {
  const noReader = await symgrad(["eval", "qa", folder, "--data", at("eval.jsonl")]);
  expect(noReader.status).toBe(2);
  expect(noReader.stderr).toMatch(/E_FILE .*no reader/);
  const halfAsked = await symgrad(["predict", "qa", at("whole"), "--passage", "Anna has 9 grapes."]);
  expect(halfAsked.status).toBe(2);
  expect(halfAsked.stderr).toMatch(/E_USAGE .*--question/);
});

function hasMetrics(run: string): boolean {
  const path = join(at(run), "metrics.jsonl");
  return existsSync(path) && readFileSync(path, "utf8").includes("\n");
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

import { execFile } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

// SQuAD 2.0 from a tiny BERT folder, as a user goes: train, stop, go on, score, answer, export, open elsewhere.
const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const encoder = fileURLToPath(new URL("../../../fixtures/bert/bert", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Every third passage is longer than a window; offsets count code points, as SQuAD's do. */
function squad(count: number, seed: number) {
  const paragraphs = Array.from({ length: count }, (_, i) => {
    const name = ["Anna", "Carl"][(i + seed) % 2];
    const thing = ["grapes", "apples"][(i >> 1) % 2];
    const amount = String(10 + ((i * 7 + seed * 3) % 89));
    const before = `🍇 ${"Carl has apples. ".repeat(i % 3 === 0 ? 12 : 1)}${name} has `;
    const answers = [{ text: amount, answer_start: [...before].length }];
    return {
      context: `${before}${amount} ${thing}.`,
      qas: [
        { id: `some-${seed}-${i}`, question: `How many ${thing}?`, answers, is_impossible: false },
        { id: `none-${seed}-${i}`, question: "Who gave?", answers: [], is_impossible: true },
      ],
    };
  });
  return JSON.stringify({ version: "v2.0", data: [{ title: "t", paragraphs }] });
}

async function json(...args: string[]) {
  const { status, stdout, stderr } = await symgrad([...args, "--json"]);
  expect({ status, error: /E_\w+.*/.exec(stderr)?.[0] }).toEqual({ status: 0, error: undefined });
  return JSON.parse(stdout);
}

test("a span reader on SQuAD 2.0, from training to another library", async () => {
  writeFileSync(at("train.json"), squad(24, 0));
  writeFileSync(at("eval.json"), squad(8, 1));
  const train = ["train", "qa", "--data", at("train.json"), "--eval", at("eval.json"), "--out", at("run")];
  const windows = ["--window-tokens", "32", "--overlap", "8"];
  const setting = ["--encoder", encoder, "--no-calculator", "--steps", "60", "--batch-size", "8"];
  const stopped = await symgrad([...train, ...setting, ...windows, "--learning-rate", "0.01"], {
    whileRunning: async (child) => {
      while (!existsSync(join(at("run"), "metrics.jsonl"))) await new Promise((go) => setTimeout(go, 5));
      child.kill("SIGINT");
    },
  });
  expect(stopped.status).toBe(130);
  expect(existsSync(join(at("run"), "reader"))).toBe(false);

  const { steps, uncovered, noAnswerThreshold, evaluation } = await json(...train, "--resume");
  expect({ steps, uncovered }).toEqual({ steps: 60, uncovered: 0 });
  expect(evaluation.f1).toBeGreaterThan(60); // always "none" scores 50
  const kept = JSON.parse(readFileSync(join(at("run"), "reader", "reader.json"), "utf8"));
  expect(kept.limits).toMatchObject({ windowTokens: 32, overlap: 8, noAnswerThreshold });

  expect(await json("eval", "qa", at("run"), "--data", at("eval.json"))).toEqual(evaluation);
  const predict = ["predict", "qa", at("run"), "--data", at("eval.json")];
  await json(...predict, "--out", at("answers.json"));
  const score = ["score", "squad", "--gold", at("eval.json")];
  const official = await json(...score, "--predictions", at("answers.json"));
  expect(official).toMatchObject({ count: 16, missing: 0, unknown: 0 });
  // One-word answers: both metrics agree.
  expect(official.exactMatch).toBeCloseTo(evaluation.exactMatch, 10);

  // Answers to all questions, and the probabilities apart: the script's best threshold is the one that was tuned.
  await json(...predict, "--out", at("all.json"), "--na-probabilities", at("none.json"));
  const probabilities = ["--predictions", at("all.json"), "--na-probabilities", at("none.json")];
  const { best } = await json(...score, ...probabilities);
  expect(best.f1.threshold).toBeCloseTo(1 / (1 + Math.exp(-noAnswerThreshold)), 5);
  const again = await json(...score, ...probabilities, "--na-threshold", String(best.f1.threshold));
  expect(again.f1).toBeCloseTo(best.f1.score, 10);
  expect(again.exactMatch).toBeCloseTo(official.exactMatch, 10);

  const exported = await json("export", at("run"), "--out", at("exported"));
  expect(exported.largestDifference).toBeLessThan(1e-4);
  // The other library's pipeline takes any tokens, at any length.
  const file = join(at("exported"), "reader.json");
  const reader = JSON.parse(readFileSync(file, "utf8"));
  const limits = { ...reader.limits, wholeWords: false, answerTokens: 512 };
  writeFileSync(file, JSON.stringify({ ...reader, limits }));
  const passage = "Anna has 42 grapes.";
  const ask = { question: "How many grapes?", passage };
  const [theirs, ours] = await Promise.all([
    transformersAnswer("exported", ask),
    json("predict", "qa", at("exported"), "--question", ask.question, "--passage", passage),
  ]);
  const answer: string = ours.answer === "" ? ours.alternatives[0].answer : ours.answer;
  const spelled = (text: string) => text.toLowerCase().replaceAll(/##|\s/g, "");
  expect(spelled(theirs)).toBe(spelled(answer));
});

test("broken weights and a file in the way are told, and nothing is left behind", async () => {
  const weights = readFileSync(join(encoder, "model.safetensors"));
  const lying = Buffer.from(weights);
  lying.writeBigUInt64LE(10n ** 15n, 0);
  writeFileSync(at("few.json"), squad(2, 0));
  for (const [name, bytes, told] of [
    ["truncated", weights.subarray(0, 9000), /E_FORMAT .*ends at byte .*truncated/],
    ["lying", lying, /E_FORMAT .*its header claims 1000000000000000 bytes/],
  ] as const) {
    cpSync(encoder, at(name), { recursive: true });
    writeFileSync(join(at(name), "model.safetensors"), bytes);
    const train = ["train", "qa", "--data", at("few.json"), "--encoder", at(name), "--out", at("none")];
    const { status, stderr } = await symgrad(train);
    expect(status).toBe(2);
    expect(stderr).toMatch(told);
    expect(existsSync(at("none"))).toBe(false);
  }
  const { status, stderr } = await symgrad(["export", encoder, "--out", at("few.json")]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_FILE cannot make the folder .*few\.json/);
});

/** What the question-answering pipeline of @huggingface/transformers says, offline. */
async function transformersAnswer(name: string, { question, passage }: Record<string, string>) {
  const script = `
    import { env, pipeline } from "@huggingface/transformers";
    env.allowRemoteModels = false;
    env.localModelPath = ${JSON.stringify(folder)};
    const answerer = await pipeline("question-answering", ${JSON.stringify(name)}, { dtype: "fp32" });
    console.log((await answerer(${JSON.stringify(question)}, ${JSON.stringify(passage)})).answer);
  `;
  const run = promisify(execFile);
  const { stdout } = await run("node", ["--input-type=module", "-e", script], { cwd: repository });
  return stdout.trim();
}

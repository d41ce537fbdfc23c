import { existsSync } from "node:fs";
import { join } from "node:path";
import { initBackend } from "@symgrad/core";
import { pluginContract } from "@symgrad/symbolic-plugins";
import { beforeAll, expect, test } from "vitest";
import { dateQuestion } from "../dateQuestion.mjs";
import { generateQuestions } from "../generateQuestions.mjs";
import { readBigBench } from "../readBigBench.mjs";
import { readQuestion } from "../readQuestion.mjs";
import { accuracy, trainDates } from "../trainDates.mjs";

const file = process.env.SYMGRAD_DATA && join(process.env.SYMGRAD_DATA, "qa/bbh-date-understanding.json");

beforeAll(async () => void (await initBackend()));

for (const check of pluginContract(dateQuestion)) test(`contract: ${check.name}`, () => check.run());

test("what is read from a text: dates, durations, and the words around them", () => {
  const read = readQuestion(
    "Anna married on Jan 2, 1958, not on 1/3/1958. It is their 5-year anniversary.",
    "10 days ago",
  );
  expect(read.dates).toEqual(["1958-01-02", "1958-01-03"]);
  expect(read.steps.slice(-2)).toEqual(["+5 years", "-5 years"]);
  expect(read.questionSteps.slice(-2)).toEqual(["+10 days", "-10 days"]);
  expect(read.dateWindows[0]).toEqual(["", "anna", "married", "on", ",", "not", "on", "DATE"]);
  expect(read.durationWindows).toHaveLength(1);
});

test("every generated question can be answered by some triple, and no two seeds give the same ones", () => {
  const questions = generateQuestions(300, 1);
  expect(generateQuestions(300, 1)).toEqual(questions);
  expect(generateQuestions(300, 2)).not.toEqual(questions);
  for (const { context, question, answer } of questions) {
    expect(answer).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(readQuestion(context, question).dates.length, context).toBeGreaterThan(0);
  }
});

test("answers alone teach which date and which steps are meant", async () => {
  const reader = await trainDates({ examples: generateQuestions(1000, 0), epochs: 10 });
  expect(accuracy(reader, generateQuestions(200, 1))).toBeGreaterThan(0.8);
  if (file && existsSync(file)) {
    const unseen = readBigBench(file);
    expect(unseen).toHaveLength(250);
    expect(accuracy(reader, unseen)).toBeGreaterThan(0.4); // guessing among the options: 0.17
  } else console.warn("BIG-Bench Hard is not there: SYMGRAD_DATA is unset");
});

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sharedFile } from "../../test/sharedData";
import { compareDecimals, readComparison, scaleDecimals } from "./comparison";
import { type DropQuestion, readDrop } from "./readDrop";
import { selectSubtractionQuestions } from "./selectSubtraction";
import { type SwappedQuestion, swapComparedNumbers } from "./swapNumbers";

const date = { day: "", month: "", year: "" };
const ask = (
  passage: string,
  question: string,
  gold: { number?: string; spans?: string[] },
): DropQuestion => ({
  id: "q",
  passageId: "p",
  passage,
  question,
  answer: { number: "", spans: [], date, ...gold },
  validatedAnswers: [],
});

const ages =
  "There were 21.8% under the age of 18, 13.1% from 18 to 24, and 31.7% from 25 to 44. Ann has 1,200 grapes.";

test("the compared numbers change places, and the other candidate is right", () => {
  const question = "Which age group is smaller: under the age of 18 or 18 to 24?";
  expect(swapComparedNumbers([ask(ages, question, { spans: ["18 to 24"] })])).toEqual([
    {
      id: "q",
      question,
      orig_passage: ages,
      orig_answer: "18 to 24",
      other_passage: ages.replace("21.8", "x").replace("13.1", "21.8").replace("x", "13.1"),
      other_answer: "under the age of 18",
      values: { "under the age of 18": "21.8", "18 to 24": "13.1" },
    },
  ]);
});

test("swapping twice gives the passage back", () => {
  const question = "Which age group is larger, 25 to 44 or the 18 to 24?";
  const [once] = swapComparedNumbers([ask(ages, question, { spans: ["25 to 44"] })]);
  const [twice] = swapComparedNumbers([ask(once!.other_passage, question, { spans: [once!.other_answer] })]);
  expect([twice!.other_passage, twice!.other_answer]).toEqual([ages, once!.orig_answer]);
});

test.each([
  [
    "another gold answer than the numbers give",
    ages,
    "Which is smaller: under the age of 18 or 18 to 24?",
    "under the age of 18",
  ],
  ["no number for one of them", ages, "Which is smaller: the old or 18 to 24?", "18 to 24"],
  ["a negation", ages, "Which is not smaller: under the age of 18 or 18 to 24?", "18 to 24"],
  ["no direction", ages, "Which came first: under the age of 18 or 18 to 24?", "18 to 24"],
  ["both directions", ages, "Which is more or less large: under the age of 18 or 18 to 24?", "18 to 24"],
  ["two units", ages, "Which is larger: 18 to 24 or grapes?", "grapes"],
  [
    "a name that comes twice",
    `${ages} 5% from 18 to 24.`,
    "Which is smaller: under the age of 18 or 18 to 24?",
    "18 to 24",
  ],
  ["equal numbers", "5% men, 5% women.", "Which is larger: men or women?", "men"],
  ["two numbers in a clause", "5 men with 7 dogs, 6 women.", "Which is larger: men or women?", "women"],
])("left alone: %s", (_, passage, question, gold) => {
  expect(swapComparedNumbers([ask(passage, question, { spans: [gold] })])).toEqual([]);
});

test.each([
  ["comparison", "Which is larger: 25 to 44 or 18 to 24?", { spans: ["25 to 44"] }, ["31.7", "13.1"]],
  ["complement", "How many in percent weren't 25 to 44?", { number: "68.3" }, ["100", "31.7"]],
  ["difference", "How many more percent were 25 to 44 than 18 to 24?", { number: "18.6" }, ["31.7", "13.1"]],
  ["difference", "What is the difference of the two younger groups?", { number: "8.70" }, ["21.8", "13.1"]],
] as const)("%s: %s", (kind, question, gold, numbers) => {
  const asked = ask(ages, question, gold as object);
  expect(selectSubtractionQuestions([asked])).toEqual([{ question: asked, kind, numbers: [...numbers] }]);
});

test.each([
  ["the words ask for no subtraction", "How many percent are there?", { number: "18.6" }],
  ["no pair gives the answer", "How many more are there than others?", { number: "18.7" }],
  ["the answer is no number", "How many more are there than others?", { spans: ["many"] }],
  ["a complement of nothing in the text", "How many percent were not old?", { number: "50" }],
  [
    "a difference of 0, which any number less itself is",
    "How many more are there than others?",
    { number: "0" },
  ],
])("not selected: %s", (_, question, gold) => {
  expect(selectSubtractionQuestions([ask(ages, question, gold)])).toEqual([]);
});

test("decimals are compared and scaled exactly", () => {
  expect(scaleDecimals(["1.25", "-0.5", "3"])).toEqual([125n, -50n, 300n]);
  expect(compareDecimals("9007199254740993", "9007199254740992.5")).toBe(1);
  expect(compareDecimals("-0.1", "-0.10")).toBe(0);
});

test("a comparison names its candidates as the question does, without articles", () => {
  const read = readComparison(
    "The Poles had 15,000 men, the Tatars 6,000 men.",
    "Who had more troops, the Poles, or the Tatars?",
  );
  expect(read).toMatchObject({ candidates: ["Poles", "Tatars"], larger: true, answer: 0 });
});

const drop = sharedFile("qa/drop-dev-a.drop-format.json.gz");
const given = sharedFile("qa/drop-compare-swap-a.jsonl.gz");
test.skipIf(!drop || !given)(
  "DROP dev, half A: agrees with the pairs made before (SYMGRAD_DATA)",
  async () => {
    const questions = await readDrop(drop!);
    const ours = new Map(swapComparedNumbers(questions).map((swapped) => [swapped.id, swapped]));
    const theirs = gunzipSync(readFileSync(given!))
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as SwappedQuestion);
    const both = theirs.filter(({ id }) => ours.has(id));
    expect([ours.size, both.length]).toEqual([169, 126]);
    for (const pair of both) {
      const { other_passage, other_answer } = ours.get(pair.id)!;
      expect({ other_passage, other_answer }).toEqual({
        other_passage: pair.other_passage,
        other_answer: pair.other_answer,
      });
    }
    const counts: Record<string, number> = {};
    for (const { kind } of selectSubtractionQuestions(questions)) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual({ comparison: 169, complement: 468, difference: 876 });
  },
);

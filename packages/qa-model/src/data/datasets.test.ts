import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedFile } from "../../test/sharedData";
import { readDrop } from "./readDrop";
import { readExamples } from "./readExamples";
import { readQuoref } from "./readQuoref";
import { readSquad } from "./readSquad";
import { readTatQa } from "./readTatQa";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-datasets-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function write(content: unknown, name = `${files++}.json`): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    Buffer.isBuffer(content) || typeof content === "string" ? content : JSON.stringify(content),
  );
  return path;
}

const noDate = { day: "", month: "", year: "" };
const drop = (pair: object) => ({
  nfl_1: { passage: "Two and 5.", qa_pairs: [{ query_id: "q1", question: "How many?", ...pair }] },
});
const squad = (qa: object, context = "Ten 🍇 in Rome") => ({
  version: "1.1",
  data: [{ title: "T", paragraphs: [{ context, qas: [{ id: "s1", question: "Where?", ...qa }] }] }],
});
const tatqa = (question: object) => [
  {
    table: {
      uid: "t",
      table: [
        ["", "2019"],
        ["Sales", "$1,496.5"],
      ],
    },
    paragraphs: [
      { uid: "b", order: 2, text: "Second." },
      { uid: "a", order: 1, text: "First." },
    ],
    questions: [
      {
        uid: "u1",
        question: "Sales?",
        answer_type: "span",
        answer_from: "table",
        scale: "million",
        ...question,
      },
    ],
  },
];

describe("DROP", () => {
  test("numbers, spans and dates, as the examples that a reader learns from", async () => {
    const path = await write(
      drop({
        answer: { number: 5 },
        validated_answers: [{ spans: ["two", "5"] }, { date: { day: "3", month: "May", year: 1955 } }],
      }),
    );
    expect(await readDrop(path)).toEqual([
      {
        id: "q1",
        passageId: "nfl_1",
        passage: "Two and 5.",
        question: "How many?",
        answer: { number: "5", spans: [], date: noDate },
        validatedAnswers: [
          { number: "", spans: ["two", "5"], date: noDate },
          { number: "", spans: [], date: { day: "3", month: "May", year: "1955" } },
        ],
      },
    ]);
    expect(await readExamples(path)).toEqual([
      {
        id: "q1",
        passage: "Two and 5.",
        question: "How many?",
        answer: "5",
        answers: ["5", "two", "3 May 1955"],
        golds: [["5"], ["two", "5"], ["3 May 1955"]],
      },
    ]);
  });

  test("gold without answers: refused, unless they are optional", async () => {
    for (const pair of [
      {},
      { answer: null },
      { answer: { number: "", spans: [], date: noDate } },
      { answer: { spans: [" "] } },
    ]) {
      const path = await write(drop(pair));
      await expect(readDrop(path)).rejects.toThrow(
        /E_FORMAT expected a number, spans or a date.*\n.*nfl_1\.qa_pairs\[0\]\.answer/,
      );
      const [question] = await readExamples(path, { answers: "optional" });
      expect(question).toEqual({ id: "q1", passage: "Two and 5.", question: "How many?" });
    }
  });

  test.each([
    [
      drop({ answer: { number: [5] } }),
      /expected text or a number, found the list \[5\]\.\n.*at nfl_1\.qa_pairs\[0\]\.answer\.number\n/,
    ],
    [
      drop({ answer: { spans: ["a", 5] } }),
      /expected text, found 5\.\n.*at nfl_1\.qa_pairs\[0\]\.answer\.spans\[1\]/,
    ],
    [drop({ query_id: 7 }), /expected text, found 7\.\n.*at nfl_1\.qa_pairs\[0\]\.query_id/],
    [{ "a b": { passage: "x" } }, /expected a list, found nothing\.\n.*at \["a b"\]\.qa_pairs/],
    [{ p: 5 }, /expected an object, found 5\.\n.*at p\n/],
    ["text", /expected an object, found "text"/],
    [{}, /expected at least one question/],
  ])("%j: the error names the file and the path inside it", async (content, message) => {
    const path = await write(JSON.stringify(content));
    const error = await readExamples(path).then(undefined, (reason: Error) => reason);
    expect(error).toMatchObject({ code: "E_FORMAT", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(path);
  });

  test("cut JSON, cut gzip, a wrong name", async () => {
    const whole = JSON.stringify(drop({ answer: { number: "5" } }));
    const cut = await write(whole.slice(0, 60));
    await expect(readDrop(cut)).rejects.toThrow(/E_FORMAT this is not JSON.*\n.*\.json\n.*cut off/);
    const packed = gzipSync(whole);
    expect(await readExamples(await write(packed, "whole.json.gz"))).toHaveLength(1);
    await expect(readDrop(await write(packed.subarray(0, 40), "cut.json.gz"))).rejects.toThrow(
      /E_FORMAT.*not a whole gzip/,
    );
    await expect(readDrop(await write(whole, "plain.json.gz"))).rejects.toThrow(
      /E_FORMAT.*not a whole gzip[\s\S]*take ".gz" off/,
    );
    await expect(readDrop(join(folder, "none.json.gz"))).rejects.toThrow(
      /E_FILE cannot read .*there is no such file/,
    );
  });

  test.skipIf(!sharedFile("qa/drop-fixture.json"))("the published files (SYMGRAD_DATA)", async () => {
    expect(await readDrop(sharedFile("qa/drop-fixture.json")!)).not.toHaveLength(0);
    expect(await readExamples(sharedFile("qa/drop-dev-a.drop-format.json.gz")!)).toHaveLength(4547);
    const comparison = await readDrop(sharedFile("qa/drop-dev-comparison-a.json.gz")!);
    expect([comparison.length, new Set(comparison.map(({ passageId }) => passageId)).size]).toEqual([
      1344, 157,
    ]);
    expect(await readQuoref(sharedFile("qa/quoref-dev.drop-format.json.gz")!)).toHaveLength(2418);
  });
});

describe("SQuAD", () => {
  test("offsets count code points in the file, UTF-16 units here", async () => {
    const answers = [{ text: "Rome", answer_start: 9 }];
    const { version, questions } = await readSquad(await write(squad({ answers })));
    expect(version).toBe(1);
    const [{ passage, answers: found, title }] = questions as [(typeof questions)[0]];
    expect([title, found]).toEqual(["T", [{ text: "Rome", start: 10 }]]);
    expect(passage.slice(10, 14)).toBe("Rome");
  });

  test("a wrong offset leads to the nearest occurrence; an answer that is not in the text has no place", async () => {
    const answers = [
      { text: "a", answer_start: 5 },
      { text: "z", answer_start: 0 },
    ];
    const { questions } = await readSquad(await write(squad({ answers }, "a b c a")));
    expect(questions[0]!.answers).toEqual([{ text: "a", start: 6 }, { text: "z" }]);
  });

  test('version 2: a question without an answer is an example with the answer ""', async () => {
    const path = await write({ ...squad({ answers: [], is_impossible: true }), version: "v2.0" });
    expect((await readSquad(path)).version).toBe(2);
    expect(await readExamples(path)).toMatchObject([
      { id: "s1", answer: "", answers: [""], impossible: true },
    ]);
  });

  test.each([
    [
      squad({ answers: [] }),
      /at least one answer, or is_impossible: true, found the list \[\]\.\n.*data\[0\]\.paragraphs\[0\]\.qas\[0\]\.answers/,
    ],
    [
      squad({ answers: [{ text: "x", answer_start: "3" }] }),
      /a number, found "3"\.\n.*qas\[0\]\.answers\[0\]\.answer_start/,
    ],
    [squad({ answers: [{ text: "x", answer_start: 1.5 }] }), /a whole number, found 1\.5\./],
    [
      { data: [{ paragraphs: [{ qas: [] }] }] },
      /expected text, found nothing\.\n.*data\[0\]\.paragraphs\[0\]\.context/,
    ],
    [{ data: 5 }, /expected an object, found 5\.\n.*at data/],
  ])("%j: the error names the file and the path inside it", async (content, message) => {
    await expect(readExamples(await write(content))).rejects.toThrow(message);
  });

  test.skipIf(!sharedFile("qa/squad1-xquad-en-a.json.gz"))("the published files (SYMGRAD_DATA)", async () => {
    const first = await readSquad(sharedFile("qa/squad1-xquad-en-a.json.gz")!);
    expect([first.version, first.questions.length]).toEqual([1, 612]);
    const second = await readSquad(sharedFile("qa/squad2-dev-sample-a.json.gz")!);
    expect([second.version, second.questions.length]).toEqual([2, 313]);
    expect(second.questions.filter(({ impossible }) => impossible)).toHaveLength(165);
    for (const { passage, answers } of [...first.questions, ...second.questions]) {
      for (const { text, start } of answers) expect(passage.startsWith(text, start)).toBe(true);
    }
  });
});

test("Quoref in SQuAD's form: all answers together are one", async () => {
  const answers = [
    { text: "Ten", answer_start: 0 },
    { text: "Rome", answer_start: 9 },
  ];
  const [question] = await readQuoref(await write(squad({ answers })));
  expect(question).toMatchObject({
    id: "s1",
    passageId: "T",
    answer: { spans: ["Ten", "Rome"] },
    validatedAnswers: [],
  });
});

describe("TAT-QA", () => {
  test("the table stands before the paragraphs, which come in their order", async () => {
    const [question] = await readTatQa(await write(tatqa({ answer: ["$1,496.5"] })));
    expect(question).toMatchObject({
      id: "u1",
      passage: " | 2019\nSales | $1,496.5\nFirst.\nSecond.",
      answer: ["$1,496.5"],
      derivation: "",
      scale: "million",
    });
    const number = await write(tatqa({ answer: -12.6, answer_type: "arithmetic", derivation: "44.1-56.7" }));
    expect(await readExamples(number)).toMatchObject([
      { id: "u1", answer: "-12.6", golds: [["-12.6"]], type: "arithmetic" },
    ]);
  });

  test.each([
    [{ answer: [] }, /one that is not empty/],
    [{ answer: ["x"], scale: "trillion" }, /scale/],
    [{}, /found nothing\.\n.*\[0\]\.questions\[0\]\.answer/],
  ])("%j: the error names the path", async (question, message) => {
    await expect(readTatQa(await write(tatqa(question)))).rejects.toThrow(message);
  });

  test.skipIf(!sharedFile("qa/tatqa-dev.json.gz"))("the published file (SYMGRAD_DATA)", async () => {
    const questions = await readTatQa(sharedFile("qa/tatqa-dev.json.gz")!);
    expect(questions).toHaveLength(1668);
    expect(questions.filter(({ answerType }) => answerType === "arithmetic")).toHaveLength(718);
  });
});

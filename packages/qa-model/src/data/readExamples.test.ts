import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatSyntheticLine } from "./formatSyntheticLine";
import { generateSynthetic } from "./generateSynthetic";
import { readExamples, streamExamples } from "./readExamples";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-examples-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function write(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.jsonl`);
  await writeFile(path, content);
  return path;
}

const line = '{"id":"a","passage":"P","question":"Q","answer":"A"}';

test("reads what the generator writes, and the given file", async () => {
  const examples = [...generateSynthetic({ type: "mix", transfer: true, count: 300, seed: 0 })];
  const read = await readExamples(
    await write(examples.map((example) => `${formatSyntheticLine(example)}\n`).join("")),
  );
  expect(read.length).toBe(300);
  for (const [i, example] of read.entries()) {
    const { id, passage, question, answer, numbers, gold_pair, arg_labels, setting, type, transfer } =
      examples[i]!;
    expect(example).toEqual({
      ...{ id, passage, question, answer, numbers, gold_pair, arg_labels, setting, type, transfer },
      answers: [answer],
    });
  }
  const given = fileURLToPath(new URL("../../../../fixtures/synthetic/examples.jsonl", import.meta.url));
  expect((await readExamples(given)).length).toBe(60);
});

test("reads a user's own lines: other line breaks, a byte order mark, blank lines, no break at the end", async () => {
  const path = await write(
    `\ufeff${line}\r\n\r\n  \n{"id":2,"passage":"","question":"é🍇","answers":["x","y","x"]}`,
  );
  expect(await readExamples(path)).toEqual([
    { id: "a", passage: "P", question: "Q", answer: "A", answers: ["A"] },
    { id: 2, passage: "", question: "é🍇", answer: "x", answers: ["x", "y"] },
  ]);
});

test("where the answer is marked stays: SQuAD's code points as UTF-16 units, each place once; of own lines as given", async () => {
  const passage = "🍇 Anna has 7, Carl has 7.";
  const answers = [
    { text: "7", answer_start: 11 },
    { text: "has 7", answer_start: 7 },
    { text: "7", answer_start: 11 },
    { text: "7", answer_start: 23 },
    { text: "nine", answer_start: 3 },
  ];
  const qas = [{ id: "a", question: "?", answers }];
  const path = `${await write("")}.json`;
  await writeFile(path, JSON.stringify({ data: [{ paragraphs: [{ context: passage, qas }] }] }));
  const [example] = await readExamples(path);
  expect(example!.answers).toEqual(["7", "has 7", "nine"]);
  const marked = example!.spans!.map(([start, end]) => [start, passage.slice(start, end)]);
  expect(marked).toEqual([
    [12, "7"],
    [8, "has 7"],
    [24, "7"],
  ]);

  const own = { id: 1, passage, question: "?", answer: "7", spans: [[12, 13]] };
  expect(await readExamples(await write(JSON.stringify(own)))).toEqual([{ ...own, answers: ["7"] }]);
  for (const spans of [[[12, 12]], [[13, 12]], [[12, 99]], [12, 13], "x", [[-1, 2]], [[0.5, 2]]]) {
    const file = await write(JSON.stringify({ ...own, spans }));
    await expect(readExamples(file)).rejects.toThrow(/E_FORMAT .*`spans` to be a list of \[start, end\]/);
  }
});

test('a question that nothing answers has the answer ""', async () => {
  const path = await write('{"id":1,"passage":"P","question":"Q","answers":[],"impossible":true}\n');
  expect(await readExamples(path)).toEqual([
    { id: 1, passage: "P", question: "Q", answer: "", answers: [""], impossible: true },
  ]);
});

test("reads questions without answers where that is asked for", async () => {
  const path = await write('{"id":1,"passage":"P","question":"Q"}\n');
  expect(await readExamples(path, { answers: "optional" })).toEqual([{ id: 1, passage: "P", question: "Q" }]);
  await expect(readExamples(path)).rejects.toThrow(/E_FORMAT.*`answer`.*no such field/);
});

test("lines may be longer than what is read at once, and cut within a character", async () => {
  const passage = "né🍇 ".repeat(50_000);
  const lines = [1, 2, 3].map((id) =>
    JSON.stringify({ id, passage: `${"x".repeat(id)}${passage}`, question: "Q", answer: "A" }),
  );
  const read = await readExamples(await write(lines.join("\n")));
  expect(read.map((example) => example.passage.length)).toEqual([1, 2, 3].map((id) => id + passage.length));
  expect(read[2]!.passage.endsWith("né🍇 ")).toBe(true);
});

test("streams: what stands before a broken line is read first", async () => {
  const path = await write(`${line}\n${line}\nbroken\n`);
  let count = 0;
  await expect(
    (async () => {
      for await (const _ of streamExamples(path)) count += 1;
    })(),
  ).rejects.toThrow("line 3");
  expect(count).toBe(2);
});

const without = (field: string) => JSON.stringify({ ...JSON.parse(line), [field]: undefined });
const having = (fields: object) => JSON.stringify({ ...JSON.parse(line), ...fields });

test.each([
  [
    "broken JSON",
    `${line}\n{"id": }\n${line}`,
    /E_FORMAT expected one JSON object.*not JSON: \{"id": \}\n {2}Where: .*, line 2\n/,
  ],
  [
    "a cut last line",
    `${line}\n${line.slice(0, 20)}`,
    /E_FORMAT.*last line ends before.*\n {2}Where: .*, line 2\n.*cut off/,
  ],
  ["a list", "[1, 2]\n", /E_FORMAT expected a JSON object, found the list \[1,2\]\.\n {2}Where: .*, line 1/],
  [
    "a missing passage",
    without("passage"),
    /E_FORMAT expected `passage` to be text, found no such field\.\n.*line 1/,
  ],
  ["a missing question", without("question"), /`question` to be text, found no such field/],
  ["a missing id", without("id"), /`id` to be text or a number, found no such field/],
  ["a missing answer", without("answer"), /`answer` to be text that is not empty, found no such field/],
  ["an answer that is a number", having({ answer: 5 }), /`answer` to be text that is not empty, found 5\./],
  ["an empty answer", having({ answer: " " }), /`answer` to be text that is not empty, found " "\./],
  [
    "answers that are none",
    having({ answers: [] }),
    /`answers` to be a list of one or more texts.*found the list \[\]/,
  ],
  ["a passage that is null", having({ passage: null }), /`passage` to be text, found null\./],
  ["an id that is a list", having({ id: [1] }), /`id` to be text or a number, found the list \[1\]/],
  [
    "numbers that are texts",
    having({ numbers: ["1"] }),
    /`numbers` to be a list of numbers, found the list \["1"\]/,
  ],
  [
    "a gold pair outside",
    having({ numbers: [1, 2], gold_pair: [0, 2] }),
    /`gold_pair` to be a pair.*0 to 1, found the list \[0,2\]/,
  ],
  ["a gold pair of one", having({ gold_pair: [1, 1] }), /`gold_pair` to be a pair of two/],
  [
    "labels that are no pairs",
    having({ arg_labels: [[0, 1, 2]] }),
    /`arg_labels` to be a list, each entry a pair/,
  ],
  ["an impossible question with an answer", having({ impossible: true }), /`answer` to be left out, since/],
  [
    "an impossible that is text",
    having({ impossible: "no" }),
    /`impossible` to be true or false, found "no"/,
  ],
  ["a setting that is a number", having({ setting: 1 }), /`setting` to be text, found 1/],
  ["a transfer that is text", having({ transfer: "no" }), /`transfer` to be true or false, found "no"/],
  ["nothing", "", /E_FORMAT expected at least one example, but the file is empty\.\n {2}Where: .*\.jsonl\n/],
  ["blank lines", "\n \n", /E_FORMAT expected at least one example/],
])("%s: an error that names file and line", async (_, content, message) => {
  const path = await write(content);
  const error = await readExamples(path).then(undefined, (reason: Error) => reason);
  expect(error).toMatchObject({ name: "SymgradError", message: expect.stringMatching(message) });
  expect((error as Error).message).toContain(path);
});

test("compressed bytes, a missing file and a folder are told apart", async () => {
  const bytes = await write(new Uint8Array([0x1f, 0x8b, 8, 0xff, 0xfe]));
  await expect(readExamples(bytes)).rejects.toThrow(/E_FORMAT expected UTF-8 text.*\n.*line 1\n.*compressed/);
  await expect(readExamples(join(folder, "none.jsonl"))).rejects.toThrow(
    /E_FILE cannot read .*none\.jsonl: there is no such file/,
  );
  await expect(readExamples(folder)).rejects.toThrow(/E_FILE.*is a folder/);
});

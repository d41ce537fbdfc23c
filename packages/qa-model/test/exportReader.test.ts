import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { initBackend, key } from "@symgrad/core";
import {
  comparator,
  createRegistry,
  dateArithmetic,
  decimal,
  defineFunction,
  fromExample,
  ok,
  oneOf,
  type SymbolicFunction,
  tokens,
} from "@symgrad/symbolic-plugins";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createPretrainedReader,
  createReader,
  exportReader,
  generateSynthetic,
  loadExportedReader,
  loadReader,
  type OnnxRuntime,
  type Prediction,
  type Reader,
} from "../src/index";
import { registry, TINY, tinyReader } from "./tinyReader";

const available = await initBackend({ backend: "onnxruntime", threads: 2 }).then(
  () => true,
  () => false,
);
const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/bert/${name}`, import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-export-"));
});
afterAll(() => rm(folder, { recursive: true }));

const texts = [
  { question: "Who has more grapes?", passage: "Anna has 1990 grapes, Carl has 12." },
  { question: "How many apples?", passage: "Carl gave 1990s apples to Anna. What is 3.5?" },
  { question: "Who?", passage: "Carl." },
  { question: "How many grapes?", passage: "Carl has 12 apples. ".repeat(12) },
];

/** The same answers, calls and alternatives, with scores within 1e-4. */
function expectSame(got: readonly Prediction[], wanted: readonly Prediction[]): void {
  const without = ({ alternatives, calls, ...answer }: Prediction) => ({ ...answer, score: undefined });
  expect(got.map(without)).toEqual(wanted.map(without));
  for (const [i, { score, calls, alternatives }] of wanted.entries()) {
    expect(got[i]!.score).toBeCloseTo(score, 4);
    expect(got[i]!.calls.map((call) => ({ ...call, probability: undefined }))).toEqual(
      calls.map((call) => ({ ...call, probability: undefined })),
    );
    for (const [j, call] of calls.entries()) {
      expect(got[i]!.calls[j]!.probability).toBeCloseTo(call.probability, 4);
    }
    for (const [j, alternative] of alternatives.entries()) {
      expect(got[i]!.alternatives[j]!.score).toBeCloseTo(alternative.score, 4);
    }
  }
}

describe.skipIf(!available)("a span reader on a BERT encoder", () => {
  test.each(["bert", "distilbert"])(
    "%s: @huggingface/transformers opens the folder and answers the same",
    async (name) => {
      const reader = await loadReader(fixture(name));
      const place = join(folder, name);
      const exported = await exportReader(reader, place);
      expect((await readdir(place)).sort()).toEqual([
        "config.json",
        "model.safetensors",
        "onnx",
        "reader.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
      ]);
      expect(await readdir(join(place, "onnx"))).toEqual(["model.onnx"]);
      expect(exported).toMatchObject({ notes: [], models: [{ fixedAxes: [] }] });
      const { architectures } = JSON.parse(await readFile(join(place, "config.json"), "utf8"));
      expect(architectures).toEqual([
        name === "bert" ? "BertForQuestionAnswering" : "DistilBertForQuestionAnswering",
      ]);
      // The pipeline reads one window, and bounds no answer's length.
      const short = texts.slice(0, 3);
      const free = await loadReader(place);
      Object.assign(free.limits, { answerTokens: 512, wholeWords: false });
      const ours = await free.predict(short);
      const theirs = await transformersAnswers(folder, name, short);
      const spelled = (answer: string) =>
        reader.tokenizer
          .encode(answer)
          .map((id) => reader.tokenizer.token(id))
          .join("")
          .replaceAll("##", "");
      expect(theirs.map(({ answer }) => spelled(answer))).toEqual(ours.map(({ answer }) => spelled(answer)));
      // Their softmax gives [CLS] a share.
      for (const [i, { score }] of theirs.entries()) expect(score).toBeLessThan(ours[i]!.score + 1e-5);
      expectSame(await (await loadExportedReader(place)).predict(texts), await reader.predict(texts));
      reader.dispose();
      free.dispose();
    },
  );
});

/** What the question-answering pipeline of @huggingface/transformers says, offline, in a process of its own. */
async function transformersAnswers(
  models: string,
  name: string,
  batch: readonly { question: string; passage: string }[],
): Promise<{ answer: string; score: number }[]> {
  const script = `
    import { env, pipeline } from "@huggingface/transformers";
    env.allowRemoteModels = false;
    env.localModelPath = ${JSON.stringify(models)};
    const answerer = await pipeline("question-answering", ${JSON.stringify(name)}, { dtype: "fp32" });
    const answers = [];
    for (const { question, passage } of ${JSON.stringify(batch)}) answers.push(await answerer(question, passage));
    console.log(JSON.stringify(answers));
  `;
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const { stdout } = await promisify(execFile)("node", ["--input-type=module", "-e", script], { cwd });
  return JSON.parse(stdout);
}

describe.skipIf(!available)("a calculator reader", () => {
  const short = [
    { question: "How many?", passage: "Anna has 12, Carl has 7." },
    { question: "Who has 7?", passage: "Carl gave 3.5 apples to Anna, has 12." },
    { question: "Who?", passage: "No number here." },
  ];
  const long = [
    ...generateSynthetic({ type: "max", transfer: true, people: 3, digits: 2, count: 6, seed: 4 }),
    { question: "Who has 7 nuts?", passage: "John has 7 nuts, Mark has 1,234,567 nuts." },
    { question: "Who?", passage: "No number here." },
    { question: "Who?", passage: "" },
  ];
  const readers: [string, () => Promise<Reader>][] = [
    ["from nothing", async () => tinyReader()],
    [
      "on a BERT encoder",
      () => createPretrainedReader({ encoder: fixture("bert"), registry: registry(), key: key(3) }),
    ],
    ["from nothing, without the calculator", async () => tinyReader({ calculator: false })],
  ];

  test.each(readers)("%s: the exported graphs answer as the reader does", async (name, create) => {
    const reader = await create();
    const place = join(folder, name.replaceAll(" ", "-"));
    const { models, bytes } = await exportReader(reader, place);
    for (const { checks } of models) {
      expect(checks.length).toBeGreaterThan(3);
      for (const { difference } of checks) expect(difference).toBeLessThan(1e-4);
    }
    const files = await readdir(join(place, "onnx"));
    expect(files.sort()).toEqual(
      reader.layer ? ["answer.onnx", "terms.onnx", "weights.data"] : ["model.onnx"],
    );
    const sizes = await Promise.all(files.map((file) => stat(join(place, "onnx", file))));
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBe(bytes);
    const exported = await loadExportedReader(place);
    const data = reader.config.max_position_embeddings < 100 ? short : long;
    const wanted = await reader.predict(data);
    expectSame(await exported.predict(data), wanted);
    // One at a time pads otherwise.
    for (const [i, one] of data.entries()) expectSame(await exported.predict([one]), [wanted[i]!]);
    const again = await loadReader(place, { registry: registry() });
    expect(await again.predict(data)).toEqual(wanted);
    await exported.dispose();
    reader.dispose();
    again.dispose();
  });

  const operation = defineFunction({
    name: "test.operation.v1",
    args: { sign: oneOf(["+", "-"]), a: fromExample("numbers", decimal), b: fromExample("numbers", decimal) },
    run: ({ sign, a, b }) => ok(String(sign === "+" ? a.plus(b) : a.minus(b))),
    output: tokens({ symbols: ["-", "."] }),
    maxLength: 16,
    examples: [{ numbers: [1, 2] }],
  });
  test.each([
    ["dates", dateArithmetic],
    ["literals", operation],
    ["one of many results", comparator],
  ] as [string, SymbolicFunction][])("over %s: the folder alone gives the same answers", async (name, fn) => {
    const known = createRegistry([fn]);
    const reader = createReader({
      registry: known,
      key: key(5),
      config: { ...TINY, function: fn.name },
    });
    const data = [
      {
        passage:
          "The 3 ships left on 22 January 1621, came back on February 21, 1621 and rested 5 days of 7.",
        question: "How many days before March 1621?",
      },
      { passage: "Anna has 12 nuts since May 4, 1990, Carl 7 since 1991-06-01.", question: "Since when?" },
      { passage: "No number, no date.", question: "Who?" },
    ];
    const wanted = await reader.predict(data);
    expect(wanted[0]!.calls).toHaveLength(1);
    const place = join(folder, `over-${name}`);
    await exportReader(reader, place);
    const exported = await loadExportedReader(place, { registry: known });
    expectSame(await exported.predict(data), wanted);
    for (const [i, one] of data.entries()) expectSame(await exported.predict([one]), [wanted[i]!]);
    await exported.dispose();
    reader.dispose();
  });

  test("runs on onnxruntime-web as well", async () => {
    const runtime = (await import("onnxruntime-web")) as unknown as OnnxRuntime;
    const reader = tinyReader();
    const place = join(folder, "web");
    await exportReader(reader, place);
    const exported = await loadExportedReader(place, { runtime });
    expectSame(await exported.predict(long), await reader.predict(long));
    await exported.dispose();
    reader.dispose();
  });

  test("a folder without the graphs is refused, and says how to write them", async () => {
    const reader = tinyReader();
    const place = join(folder, "saved");
    await reader.save(place);
    await expect(loadExportedReader(place)).rejects.toThrow(
      /E_FILE .*no onnx\/terms.onnx[\s\S]*symgrad export/,
    );
    await expect(loadExportedReader(folder)).rejects.toThrow(/E_FILE .*no reader.json/);
    reader.dispose();
  });
});

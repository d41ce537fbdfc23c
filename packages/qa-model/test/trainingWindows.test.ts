import { fileURLToPath } from "node:url";
import { key } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { ReaderExample } from "../src/index";
import { createPretrainedReader } from "../src/index";
import { featureOptionsOf } from "../src/reader/answerQuestions";
import { markedSpans } from "../src/reader/markedSpans";
import type { Reader } from "../src/reader/reader";
import { createReaderFeatures, type PreparedText } from "../src/reader/readerFeatures";
import { prepareTrainingData } from "../src/reader/trainingData";
import { type GoldSpans, type TrainedWindows, trainingWindows } from "../src/reader/trainingWindows";
import { registry } from "./tinyReader";

beforeAll(() => tf.setBackend("cpu"));

const encoder = fileURLToPath(new URL("../../../fixtures/bert/bert", import.meta.url));
const limits = { windowTokens: 24, overlap: 6 };
const spanReader = (noAnswer: boolean) =>
  createPretrainedReader({
    encoder,
    key: key(0),
    digits: "split",
    config: { calculator: false, no_answer: noAnswer },
    limits,
  });

async function windowsOf(reader: Reader, example: ReaderExample): Promise<PreparedText[]> {
  return createReaderFeatures([example], reader.featureOptions, () => "example");
}

/** The text of each window's spans. */
function taken(
  windows: PreparedText[],
  example: ReaderExample,
  reader: Reader,
  how: { windows?: TrainedWindows; goldSpans?: GoldSpans } = {},
) {
  const options = { ...featureOptionsOf(reader), windows: "all", goldSpans: "marked", ...how } as const;
  return trainingWindows(windows, example, options).map(({ window, targets: { spans } }) => {
    const { passageStart } = window.features;
    const { offsets } = window.passage;
    const texts = [];
    for (let i = 0; i < spans.length; i += 2) {
      const [from, to] = [spans[i]! - passageStart, spans[i + 1]! - passageStart];
      texts.push(from < 0 ? "[CLS]" : [offsets[2 * from]!, offsets[2 * to + 1]!]);
    }
    return texts;
  });
}

const filler = "Carl has apples. Anna gave 7 grapes to Carl. ";
const passage = `${filler.repeat(4)}Anna has 12 grapes. ${filler.repeat(4)}`;
const question = "How many grapes?";
const start = passage.indexOf("12");
const twelve = { passage, question, answer: "12", spans: [[start, start + 2]] as const };
const seven = passage.lastIndexOf("7");

test("every window with the answer is trained on; the others say that there is none, where the reader may say so", async () => {
  for (const noAnswer of [false, true]) {
    const reader = await spanReader(noAnswer);
    const windows = await windowsOf(reader, twelve);
    expect(windows.length).toBeGreaterThan(6);
    const found = taken(windows, twelve, reader);
    const answered = found.filter(([span]) => span !== "[CLS]");
    expect(answered.length).toBeGreaterThanOrEqual(1);
    for (const spans of answered) expect(spans).toEqual([[start, start + 2]]);
    expect(found).toHaveLength(noAnswer ? windows.length : answered.length);
    expect(taken(windows, twelve, reader, { windows: "first" })).toEqual([[[start, start + 2]]]);
    reader.dispose();
  }
});

test("windows have at most half of their tokens in common, so that a long passage is not read token by token", async () => {
  const reader = await spanReader(false);
  reader.limits.overlap = 1000;
  const windows = await windowsOf(reader, { passage, question, answer: "12" });
  const tokens = reader.tokenizer.encode(passage).length;
  const room = Math.max(...windows.map((window) => window.passage.ids.length));
  expect(windows).toHaveLength(1 + Math.ceil((tokens - room) / Math.ceil(room / 2)));
  reader.dispose();
});

test("a mark names one of several equal texts; without it, or with `equal`, all are the answer", async () => {
  const reader = await spanReader(false);
  const marked = { passage, question, answer: "7", spans: [[seven, seven + 1]] as const };
  const windows = await windowsOf(reader, marked);
  const places = (spans: ReturnType<typeof taken>) => new Set(spans.flat().map(String)).size;
  expect(places(taken(windows, marked, reader))).toBe(1);
  expect(places(taken(windows, marked, reader, { goldSpans: "equal" }))).toBe(8);
  expect(places(taken(windows, { passage, question, answer: "7" }, reader))).toBe(8);
  reader.dispose();
});

test("a mark that a window's border cuts counts where all of it stands", async () => {
  const reader = await spanReader(false);
  const text = "gave 7 grapes";
  let cut = 0;
  for (const { index } of passage.matchAll(/gave 7 grapes/g)) {
    const [from, to] = [index, index + text.length];
    const marked = { passage, question, answer: text, spans: [[from, to]] as const };
    const windows = await windowsOf(reader, marked);
    for (const { offsets } of windows.map((window) => window.passage)) {
      const [first, last] = [offsets[0]!, offsets[offsets.length - 1]!];
      if (first < to && last > from && (first > from || last < to)) cut++;
    }
    for (const spans of taken(windows, marked, reader)) expect(spans).toEqual([[from, to]]);
  }
  expect(cut).toBeGreaterThan(0);
  reader.dispose();
});

test("where no window has the answer one stays, and the example counts as uncovered", async () => {
  const reader = await spanReader(false);
  const absent = { passage, question, answer: "99" };
  expect(taken(await windowsOf(reader, absent), absent, reader)).toEqual([[]]);
  const prepare = (windows: TrainedWindows) =>
    prepareTrainingData(reader, [absent, twelve], [0, 1], { windows, goldSpans: "marked" });
  const all = await prepare("all");
  expect(all.uncovered).toBe(1);
  expect(all.features.length).toBe(1 + taken(await windowsOf(reader, twelve), twelve, reader).length);
  expect((await prepare("first")).features).toHaveLength(2);
  expect(all.pruned).toBe(0);
  reader.dispose();
});

test("a calculator's reader trains on windows that compute the answer, too", async () => {
  const reader = await createPretrainedReader({
    encoder,
    key: key(0),
    registry: registry(),
    limits: { windowTokens: 48, overlap: 4 },
  });
  const words = "Carl has apples. ".repeat(12);
  const sum = { passage: `${words}Anna has 12, Carl 7. ${words}`, question: "?", answer: "5" };
  const windows = await windowsOf(reader, sum);
  expect(windows.length).toBeGreaterThan(2);
  const options = { ...reader.featureOptions, windows: "all", goldSpans: "marked" } as const;
  const found = trainingWindows(windows, sum, options);
  expect(found.length).toBeLessThan(windows.length);
  for (const { targets } of found) expect(targets.stages[0]!.labels.length).toBeGreaterThan(0);
  reader.limits.quantities = 1;
  const how = { windows: "all", goldSpans: "marked" } as const;
  expect((await prepareTrainingData(reader, [sum], [0], how)).pruned).toBe(1);
  reader.dispose();
});

test("the tokens of a mark are those that touch it, whichever text is marked", async () => {
  const reader = await spanReader(false);
  const piece = fc.constantFrom("Anna", " has ", "1,024", " 🍇", "שלום ", "x-y", " . ", "3.5", "é", "\t");
  const texts = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(""));
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(), fc.nat(), async (text, a, b) => {
      const from = a % text.length;
      const to = from + 1 + (b % (text.length - from));
      const [window] = await createReaderFeatures(
        [{ passage: text, question: "?" }],
        {
          ...reader.featureOptions,
          maximumTokens: 512,
        },
        () => "text",
      );
      const { offsets } = window!.passage;
      const touched = [...Array(offsets.length / 2).keys()].filter(
        (i) => offsets[2 * i]! < to && offsets[2 * i + 1]! > from,
      );
      const [found] = markedSpans(window!, [[from, to]]);
      if (found === undefined) {
        // Nothing but what no token writes, or a mark that begins or ends there, beyond the first or the last token.
        const inside = offsets.length > 0 && from >= offsets[0]! && to <= offsets[offsets.length - 1]!;
        expect(inside && touched.length > 0).toBe(false);
        return;
      }
      const place = window!.features.passageStart;
      expect([found[0] - place, found[1] - place]).toEqual([touched[0], touched.at(-1)]);
    }),
  );
  reader.dispose();
});

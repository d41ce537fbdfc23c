import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinText } from "../src/explain/joinText";
import { Explainer, type Explanation, explainPrediction, loadReader, type Reader } from "../src/index";
import { createReaderFeatures } from "../src/reader/readerFeatures";
import { tinyData, tinyReader } from "./tinyReader";

let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "symgrad-explain-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** -log p(answer) where one token's word vector is moved, computed from the logits alone. */
function lossWith(
  reader: Reader,
  { tokens, prediction }: Explanation,
  ids: number[],
  move?: { at: number; by: number[] },
) {
  return tf.tidy(() => {
    const { encoder, span } = reader.model;
    const whole = (values: number[]) => tf.tensor2d([values], undefined, "int32");
    const first = tokens.findIndex(({ source }, i) => i > 0 && source === "special") + 1;
    let vectors = encoder
      .words(whole(ids))
      .add(encoder.places(whole(ids.map((_, i) => i)), whole(ids.map((_, i) => (i < first ? 0 : 1)))));
    if (move) {
      const shift = tf.buffer(vectors.shape as [number, number, number]);
      for (const [h, by] of move.by.entries()) shift.set(by, 0, move.at, h);
      vectors = vectors.add(shift.toTensor());
    }
    const { start, end } = span.apply(
      encoder.apply(vectors as tf.Tensor3D, { mask: tf.ones([1, ids.length]) as tf.Tensor2D }),
    );
    const probs = (logits: tf.Tensor2D) => {
      const values = [...logits.dataSync()].map((x, i) =>
        tokens[i]!.source === "special" ? 0 : Math.exp(x),
      );
      const total = values.reduce((a, b) => a + b, 0);
      return values.map((x) => x / total);
    };
    const [p, q] = [probs(start), probs(end)];
    const answer = [...reader.tokenizer.encode(prediction.answer)];
    let sum = 0;
    for (let i = 0; i + answer.length <= ids.length; i++) {
      if (!answer.every((id, k) => ids[i + k] === id)) continue;
      const next = ids[i + answer.length];
      if (next !== undefined && reader.tokenizer.isContinuation(next)) continue;
      sum += p[i]! * q[i + answer.length - 1]!;
    }
    return -Math.log(sum);
  });
}

async function idsOf(reader: Reader, { question, passage, prediction }: Explanation): Promise<number[]> {
  const [text] = await createReaderFeatures([{ question, passage }], reader.featureOptions, String);
  return [...joinText(text!, [prediction.calls[0]?.result ?? ""], reader.tokenizer).ids];
}

describe("an explanation", () => {
  test("has the tokens of question, passage and result, with their places", async () => {
    const reader = tinyReader();
    const explanation = await explainPrediction(reader, tinyData(1)[0]!, { steps: 4 });
    const { tokens, prediction, question, passage } = explanation;
    const sources = { question, passage, function: prediction.calls[0]!.result, special: "" };
    for (const { token, source, start, end } of tokens) {
      if (source === "special") expect(token).toMatch(/^\[(CLS|SEP)\]$/);
      else expect(sources[source].slice(start, end).toLowerCase()).toBe(token.replace("##", ""));
    }
    expect(tokens.filter(({ source }) => source === "special")).toHaveLength(4);
    expect(new Set(tokens.map(({ source }) => source)).size).toBe(4);
    reader.dispose();
  });

  test("its gradient norms are those of central differences of -log p(answer), over all spans that equal it", async () => {
    const reader = tinyReader();
    for (const example of tinyData(2, 2)) {
      const explanation = await explainPrediction(reader, example, { steps: 4 });
      const ids = await idsOf(reader, explanation);
      expect(-explanation.logProb).toBeCloseTo(lossWith(reader, explanation, ids), 4);
      const largest = Math.max(...explanation.tokens.map(({ gradientNorm }) => gradientNorm));
      for (const at of [1, 7, 20, ids.length - 3]) {
        const hidden = reader.config.hidden_size;
        const slopes = Array.from({ length: hidden }, (_, h) => {
          const by = (step: number) => Array.from({ length: hidden }, (_, i) => (i === h ? step : 0));
          const value = (step: number) => lossWith(reader, explanation, ids, { at, by: by(step) });
          return (value(1e-2) - value(-1e-2)) / 2e-2;
        });
        const norm = Math.hypot(...slopes);
        expect(Math.abs(explanation.tokens[at]!.gradientNorm - norm)).toBeLessThan(1e-2 * largest + 1e-3);
      }
    }
    reader.dispose();
  });

  test("its attributions sum to the difference from blank words; attention sums to 1", async () => {
    for (const reader of [tinyReader(), tinyReader({ calculator: false }, 5)]) {
      const explainer = new Explainer(reader);
      for (const example of tinyData(2, 4)) {
        const { tokens, completenessError, logProb, baselineLogProb } = await explainer.explain(example, {
          steps: 96,
        });
        const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
        expect(Math.abs(completenessError)).toBeLessThan(0.02 * Math.abs(logProb - baselineLogProb) + 0.02);
        const sum = total(tokens.map(({ attribution }) => attribution));
        expect(sum - completenessError).toBeCloseTo(logProb - baselineLogProb, 4);
        expect(total(tokens.map(({ attention }) => attention))).toBeCloseTo(1, 4);
        for (const { attention } of tokens) expect(attention).toBeGreaterThanOrEqual(0);
        // Special tokens are in the baseline as they are.
        for (const { source, attribution } of tokens)
          if (source === "special") expect(Math.abs(attribution)).toBe(0);
      }
      explainer.dispose();
      reader.dispose();
    }
  });

  test("of a passage in windows it shows the one with the answer; an empty passage is explained as well", async () => {
    const place = fileURLToPath(new URL("../../../fixtures/bert/bert", import.meta.url));
    const reader = await loadReader(place);
    const example = {
      question: "How many grapes?",
      passage: `${"Carl has apples. ".repeat(12)}Anna has 12 grapes.`,
    };
    const { prediction, tokens } = await explainPrediction(reader, example, { steps: 4 });
    const read = tokens.filter(({ source }) => source === "passage");
    expect(read.at(0)!.start).toBeLessThanOrEqual(prediction.start);
    expect(read.at(-1)!.end).toBeGreaterThanOrEqual(prediction.end);
    expect(tokens.length).toBeLessThanOrEqual(reader.config.max_position_embeddings);
    const empty = await explainPrediction(reader, { question: "Who?", passage: "" }, { steps: 4 });
    expect(empty.tokens.map(({ token }) => token)).toEqual(["[CLS]", "who", "?", "[SEP]", "[SEP]"]);
    reader.dispose();
  });
});

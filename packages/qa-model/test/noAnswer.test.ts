import { fileURLToPath } from "node:url";
import { key } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import {
  createPretrainedReader,
  givenAnswer,
  noAnswerProbability,
  type Prediction,
  type ReaderExample,
  squadMetrics,
  tuneNoAnswer,
  withNoAnswerThreshold,
} from "../src/index";
import { evaluateTuned } from "../src/reader/evaluateTuned";

beforeAll(() => tf.setBackend("cpu"));

const encoder = fileURLToPath(new URL("../../../fixtures/bert/bert", import.meta.url));
const reader = () =>
  createPretrainedReader({ encoder, key: key(0), config: { calculator: false, no_answer: true } });

const words = ["Anna", "Carl", "grapes", "apples", "12", "7", "gave", "has"];
const examples: ReaderExample[] = Array.from({ length: 12 }, (_, i) => {
  const passage = Array.from({ length: 6 }, (_, j) => words[(i * 5 + j * (i + 1)) % words.length]).join(" ");
  const question = `${words[i % words.length]}?`;
  return i % 2 === 0
    ? { passage, question, answer: "", answers: [""], impossible: true }
    : { passage, question, answer: passage.split(" ")[2]! };
});

test("a prediction at another threshold is what a reader with that threshold predicts", async () => {
  const model = await reader();
  const plain = await model.predict(examples);
  const scores = plain.map(({ noAnswerScore }) => noAnswerScore!);
  for (const threshold of [Math.min(...scores) - 1, [...scores].sort()[5]!, Math.max(...scores)]) {
    model.limits.noAnswerThreshold = threshold;
    const wanted = await model.predict(examples);
    for (const [i, one] of plain.entries()) {
      const { alternatives, score, ...rest } = withNoAnswerThreshold(one, threshold);
      const { alternatives: others, score: wantedScore, ...expected } = wanted[i]!;
      expect(rest).toEqual(expected);
      expect(score).toBeCloseTo(wantedScore, 6);
      expect(alternatives.slice(0, 3)).toEqual(others.slice(0, 3));
      expect(givenAnswer(one)).toBe(givenAnswer(wanted[i]!));
    }
  }
  model.dispose();
});

test("the tuned threshold gives the highest F1 of all; the reader keeps it, and scores by it", async () => {
  const model = await reader();
  const plain = await model.predict(examples);
  const f1At = (threshold: number) =>
    plain.reduce((sum, one, i) => {
      const { answer } = withNoAnswerThreshold(one, threshold);
      const golds = examples[i]!.impossible ? [] : [examples[i]!.answer];
      return sum + squadMetrics(answer, golds, { version: 2 }).f1;
    }, 0);
  const tuned = tuneNoAnswer(examples, plain)!;
  const scores = plain.map(({ noAnswerScore }) => noAnswerScore!);
  expect(f1At(tuned)).toBe(Math.max(...[Math.min(...scores) - 1, ...scores].map(f1At)));
  const { predictions, exactMatch } = await evaluateTuned(model, examples);
  expect(model.limits.noAnswerThreshold).toBe(tuned);
  const again = await model.predict(examples);
  expect(predictions.map(({ answer }) => answer)).toEqual(again.map(({ answer }) => answer));
  const right = again.filter(({ answer }, i) => answer === examples[i]!.answer).length;
  expect(exactMatch).toBeCloseTo(right / examples.length, 12);
  model.dispose();
});

test("where nothing is impossible there is nothing to tune", () => {
  const prediction = { answer: "7", noAnswerScore: 1 } as Prediction;
  expect(tuneNoAnswer([{ passage: "7", question: "?", answer: "7" }], [prediction])).toBeUndefined();
  expect(
    tuneNoAnswer([examples[0]!], [{ ...prediction, noAnswerScore: undefined as never }]),
  ).toBeUndefined();
  expect(noAnswerProbability({ ...prediction, noAnswerScore: 0 })).toBe(0.5);
});

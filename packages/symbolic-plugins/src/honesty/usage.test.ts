import { key } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { digitsRead } from "../../test/digitsRead";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { listed } from "../../test/listed";
import type { ResultTokens } from "../layer/resultTokens";
import { createRegistry } from "../registry";
import { usage } from "./usage";

beforeAll(async () => void (await tf.setBackend("cpu")));

const vocabulary = digitVocabulary();

describe("usage", () => {
  const batch = [
    { results: ["1", "2"] },
    { results: ["3", "4"] },
    { results: ["5", "6"] },
    { results: ["!no"] },
  ];
  const layer = createRegistry([listed]).layer(listed.name, {
    estimator: straightThroughGumbel({ temperature: 1 }),
    vocabulary,
  });
  const sure = tf.tensor2d([
    [9, 0],
    [0, 9],
    [9, 0],
    [0, 0],
  ]);

  test("a network that reads its results loses them all when they are permuted", () => {
    const prepared = layer.prepareSync(layer.candidates(batch.slice(0, 3)));
    const answers = tf.tensor1d([1, 4, 5]);
    const first = (read: ResultTokens) => digitsRead(read, vocabulary).slice([0, 0], [-1, 1]).squeeze([1]);
    const report = usage(layer, {
      scores: sure.slice(0, 3),
      prepared,
      key: key(3),
      evaluate: (read) => tf.cast(tf.equal(first(read), answers), "float32") as tf.Tensor1D,
      gold: [[0], [0], []],
    });
    const p = 1 / (1 + Math.exp(-9));
    const entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(report).toEqual({
      examples: 3,
      argumentAccuracy: 0.5,
      entropy: expect.closeTo(entropy, 5),
      uniformEntropy: expect.closeTo(Math.log(2), 6),
      accuracy: 1,
      permutedAccuracy: 0,
      drop: 1,
    });
  });

  test("a network that does not read them loses nothing", () => {
    const prepared = layer.prepareSync(layer.candidates(batch));
    const report = usage(layer, {
      scores: sure,
      prepared,
      key: key(4),
      evaluate: () => tf.tensor1d([1, 0, 1, 1]),
    });
    expect(report).toMatchObject({
      accuracy: 0.75,
      permutedAccuracy: 0.75,
      drop: 0,
      argumentAccuracy: undefined,
    });
    expect(report.uniformEntropy).toBeCloseTo(Math.log(2), 6); // the empty row does not count
  });

  test("refuses a batch of one and a score of another shape", () => {
    const one = layer.prepareSync(layer.candidates(batch.slice(0, 1)));
    const options = {
      scores: sure.slice(0, 1),
      prepared: one,
      key: key(0),
      evaluate: () => tf.ones([1]) as tf.Tensor1D,
    };
    expect(() => usage(layer, options)).toThrow(failure("E_RANGE", "two examples"));
    const prepared = layer.prepareSync(layer.candidates(batch));
    expect(() => usage(layer, { ...options, scores: sure, prepared })).toThrow(
      failure("E_SHAPE", "[batch] = [4]"),
    );
  });
});

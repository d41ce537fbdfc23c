import { key } from "@symgrad/core";
import { type Estimator, gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { digitsRead } from "../../test/digitsRead";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { listed } from "../../test/listed";
import type { ResultTokens } from "../layer/resultTokens";
import { createRegistry } from "../registry";
import { gradcheck } from "./gradcheck";

beforeAll(async () => void (await tf.setBackend("cpu")));

const vocabulary = digitVocabulary();
const layerWith = (estimator: Estimator = straightThroughGumbel({ temperature: 1 })) =>
  createRegistry([listed]).layer(listed.name, { estimator, vocabulary });
const examples = [{ results: ["12", "7", "345"] }, { results: ["9", "!none"] }, { results: ["31", "31"] }];
const scores = tf.tensor2d([
  [0.4, -0.3, 0.9],
  [1, 2, 0],
  [0, 1, 0],
]);

/** The value of each candidate in a loss that reads digits: digit d at place l counts weight[l] d. */
const weight = [0.7, -1.1, 0.4];
const digitValue = (text: string) =>
  text.split("").reduce((sum, digit, l) => sum + weight[l]! * Number(digit), 0);
const linear = (read: ResultTokens) =>
  tf.sum(tf.mul(digitsRead(read, vocabulary), tf.tensor1d(weight)), 1) as tf.Tensor1D;

describe("gradcheck", () => {
  test("the exact gradient is pi_i (f_i - E f), worked out in plain numbers", () => {
    const layer = layerWith();
    const prepared = layer.prepareSync(layer.candidates(examples));
    const { exact } = gradcheck(layer, { scores, prepared, loss: linear, key: key(0), draws: 2 });
    const f = [12, 7, 345].map((n) => digitValue(String(n)));
    const powers = [0.4, -0.3, 0.9].map(Math.exp);
    const pi = powers.map((power) => power / powers.reduce((a, b) => a + b));
    const expected = pi.reduce((sum, p, i) => sum + p * f[i]!, 0);
    expect(
      relativeError(
        exact[0]!,
        pi.map((p, i) => p * (f[i]! - expected)),
      ),
    ).toBeLessThan(1e-5);
    // One allowed candidate, and two equal results: nothing to choose.
    for (const row of [exact[1]!, exact[2]!])
      for (const slope of row) expect(Math.abs(slope)).toBeLessThan(1e-6);
  });

  /** Without noise the gradient is J(softmax(s))^T g: exact where the loss is linear in the choice. */
  const noiseFree = straightThroughGumbel({ temperature: 1 });
  const exactOnLinear = (sign: number): Estimator => ({
    ...noiseFree,
    expectedLoss: (logits, loss, options) =>
      tf.mul(sign, noiseFree.expectedLoss(logits, loss, { ...options, key: undefined })),
  });

  test.each([
    [1, 0, 1],
    [-1, 2, -1],
  ])(
    "an estimator whose gradient is %d times the exact one: bias %d, cosine %d, no noise",
    (sign, bias, cosine) => {
      const layer = layerWith(exactOnLinear(sign));
      const prepared = layer.prepareSync(layer.candidates(examples));
      const report = gradcheck(layer, { scores, prepared, loss: linear, key: key(2), draws: 3 });
      expect(report.bias).toBeCloseTo(bias, 5);
      expect(report.cosine).toBeCloseTo(cosine, 5);
      expect(report.standardDeviation).toBeLessThan(1e-5);
    },
  );

  test("a linear loss: straight-through Gumbel has the soft sample's gradient, draw by draw, and its noise", () => {
    const [hard, soft] = [straightThroughGumbel, gumbelSoftmax].map((create) => {
      const layer = layerWith(create({ temperature: 1 }));
      const prepared = layer.prepareSync(layer.candidates(examples));
      return gradcheck(layer, { scores, prepared, loss: linear, key: key(1), draws: 25 });
    });
    expect(hard!.estimator).toBe("straight-through-gumbel");
    expect(relativeError(hard!.mean.flat(), soft!.mean.flat())).toBeLessThan(1e-4);
    expect(hard!.standardDeviation).toBeGreaterThan(0.1);
    expect(hard!.standardError).toBeCloseTo(hard!.standardDeviation / 5, 6);
  });

  test("refuses a loss without a choice, a loss of another shape, and a single draw", () => {
    const layer = layerWith();
    const prepared = layer.prepareSync(layer.candidates(examples));
    const options = { scores, prepared, loss: linear, key: key(0) };
    expect(() => gradcheck(layer, { ...options, loss: () => tf.zeros([3]) })).toThrow(
      failure("E_RANGE", "exact gradient is 0"),
    );
    expect(() => gradcheck(layer, { ...options, loss: (read) => tf.mean(linear(read)) as never })).toThrow(
      failure("E_SHAPE", "[batch] = [3]"),
    );
    expect(() => gradcheck(layer, { ...options, draws: 1 })).toThrow(failure("E_RANGE", "draws"));
  });
});

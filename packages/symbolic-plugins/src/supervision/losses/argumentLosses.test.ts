import { compareGradients } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { failure } from "../../../test/failure";
import { type ArgumentLoss, argumentLosses } from "./argumentLoss";
import { topkMarginalLikelihoodLoss } from "./topkMarginalLikelihoodLoss";

beforeAll(async () => void (await tf.setBackend("cpu")));

interface Row {
  scores: number[];
  mask: number[];
  labels: number[];
}

const candidates = 5;
const flags = fc.array(fc.constantFrom(0, 1), { minLength: candidates, maxLength: candidates });
/** Scores apart: where two change places within a step, a top-k loss has a kink. */
const scores = fc
  .uniqueArray(fc.integer({ min: -200, max: 200 }), { minLength: candidates, maxLength: candidates })
  .map((values) => values.map((value) => value / 50));
const rows = fc
  .record({ scores, mask: flags, wanted: flags })
  .map(({ scores, mask, wanted }): Row => ({ scores, mask, labels: wanted.map((one, i) => one * mask[i]!) }));

function softmax(x: ArrayLike<number>, mask: number[]): number[] {
  const weights = Array.from(x, (value, i) => (mask[i] ? Math.exp(value) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** -log of the sum of the `k` largest probabilities among the positives, in plain numbers. */
function plainTopk(k: number) {
  return ({ mask, labels }: Row, scores: ArrayLike<number>) => {
    const positives = softmax(scores, mask).filter((_, i) => labels[i]);
    const largest = positives.sort((a, b) => b - a).slice(0, k);
    return -Math.log(largest.reduce((sum, p) => sum + p, 0));
  };
}

function plainBce({ mask, labels }: Row, scores: ArrayLike<number>): number {
  const p = softmax(scores, mask);
  const others = (i: number) => p.reduce((sum, value, j) => (j === i ? sum : sum + value), 0);
  return -labels.reduce(
    (sum, label, i) => (mask[i] ? sum + (label ? Math.log(p[i]!) : Math.log(others(i))) : sum),
    0,
  );
}

const cases: [string, ArgumentLoss, (row: Row, scores: ArrayLike<number>) => number][] = [
  ["mml", argumentLosses.mml, plainTopk(candidates)],
  ["bce", argumentLosses.bce, plainBce],
  ["hardEM", argumentLosses.hardEM, plainTopk(1)],
  ["topkMML of 2", topkMarginalLikelihoodLoss(2), plainTopk(2)],
  ["topkMML of 4", argumentLosses.topkMML, plainTopk(4)],
];

function run(loss: ArgumentLoss, { mask, labels }: Row, scores: ArrayLike<number>) {
  return tf.tidy(() => {
    const at = (x: tf.Tensor) => loss(x as tf.Tensor2D, tf.tensor2d([mask]), tf.tensor2d([labels]));
    const { value, grad } = tf.valueAndGrad(at)(tf.tensor2d([Array.from(scores)]));
    return { value: value.dataSync()[0]!, gradient: Array.from(grad.dataSync()) };
  });
}

describe.each(cases)("%s", (name, loss, plain) => {
  test("equals plain numbers, and its gradient central differences of them", () => {
    fc.assert(
      fc.property(rows, fc.nat(), (row, seed) => {
        fc.pre(row.labels.includes(1));
        fc.pre(row.mask.filter(Boolean).length > 1 || name !== "bce");
        const { value, gradient } = run(loss, row, row.scores);
        const expected = plain(row, row.scores);
        expect(Math.abs(value - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
        const { difference, size } = compareGradients({
          value: (x) => plain(row, x),
          gradient: () => gradient,
          x: row.scores,
          seed,
          step: 1e-4,
        });
        expect(difference).toBeLessThan(1e-5 * Math.max(1, size));
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  test("without positives: 0, and moves nothing", () => {
    const { value, gradient } = run(loss, { scores: [], mask: [1, 1, 0], labels: [0, 0, 0] }, [3, 1, 2]);
    expect(value).toBe(0);
    for (const slope of gradient) expect(Math.abs(slope)).toBe(0);
  });

  test("one candidate, and it is right: nothing to lose", () => {
    expect(run(loss, { scores: [], mask: [1, 0], labels: [1, 0] }, [3, 7]).value).toBeCloseTo(0, 6);
  });
});

test("hardEM: of two equal explanations the first one", () => {
  const { gradient } = run(
    argumentLosses.hardEM,
    { scores: [], mask: [1, 1, 1], labels: [0, 1, 1] },
    [0, 0, 0],
  );
  expect(gradient[1]).toBeCloseTo(1 / 3 - 1, 6);
  expect(gradient[2]).toBeCloseTo(1 / 3, 6);
});

test("bce: a wrong candidate at probability 1 has the right loss and still a gradient", () => {
  const { value, gradient } = run(
    argumentLosses.bce,
    { scores: [], mask: [1, 1, 1], labels: [0, 1, 0] },
    [60, 0, 0],
  );
  expect(value).toBeCloseTo(60 + 60 - Math.log(2), 3);
  expect(gradient[0]).toBeCloseTo(2, 4);
});

test.each([0, -1, 1.5, Number.NaN])("topkMarginalLikelihoodLoss refuses k = %s", (k) => {
  expect(() => topkMarginalLikelihoodLoss(k)).toThrow(failure("E_RANGE", "`k`"));
});

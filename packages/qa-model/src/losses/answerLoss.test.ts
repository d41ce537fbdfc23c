import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { type AnswerLogits, answerLoss, type HeadTargets } from "./answerLoss";
import { endLoss } from "./endLoss";
import { multiSpanLogLikelihood } from "./multiSpanLikelihood";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("is the sum over the heads that can give the answer, each with its probability", () => {
  tf.tidy(() => {
    // What each example can be answered with: all three heads, a span, several spans, a count, nothing.
    const can = [
      [1, 1, 1],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ];
    const batch = can.length;
    const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 2, "float32", seed);
    const column = (head: number) => can.map((row) => row[head]!);
    const logits: AnswerLogits = {
      start: random([batch, 4], 1) as tf.Tensor2D,
      end: random([batch, 4], 2) as tf.Tensor2D,
      mask: tf.ones([batch, 4]),
      heads: {
        names: ["span", "multi-span", "count"],
        types: random([batch, 3], 3) as tf.Tensor2D,
        count: random([batch, 10], 4) as tf.Tensor2D,
        tags: random([batch, 4, 3], 5) as tf.Tensor3D,
        taggable: tf.ones([batch, 4]),
      },
    };
    const spans = {
      starts: tf.fill([batch, 1], 1, "int32") as tf.Tensor2D,
      ends: tf.fill([batch, 1], 2, "int32") as tf.Tensor2D,
      valid: tf.tensor2d(column(0), [batch, 1]),
    };
    const lists = (places: [number, number]) =>
      tf.tensor3d(
        can.map(() => places.map((place) => [place])),
        undefined,
        "int32",
      );
    const targets: HeadTargets = {
      count: tf.fill([batch], 7, "int32"),
      counted: tf.tensor1d(column(2)),
      occurrences: {
        starts: lists([0, 3]),
        ends: lists([1, 3]),
        valid: tf.tensor3d(can.map((row) => [[row[1]!], [row[1]!]])),
      },
    };
    const { losses, covered } = answerLoss(logits, spans, targets);
    const heads = logits.heads!;
    const types = tf.softmax(heads.types).arraySync() as number[][];
    const span = endLoss(logits.start, logits.end, logits.mask, spans).losses.arraySync();
    const several = multiSpanLogLikelihood(heads.tags!, heads.taggable, targets.occurrences).arraySync();
    const counts = tf.softmax(heads.count!).arraySync() as number[][];
    for (const [row, [one, many, count]] of can.entries()) {
      const probability =
        one! * types[row]![0]! * Math.exp(-span[row]!) +
        many! * types[row]![1]! * Math.exp(several[row]!) +
        count! * types[row]![2]! * counts[row]![7]!;
      expect(losses.arraySync()[row]).toBeCloseTo(probability > 0 ? -Math.log(probability) : 0, 4);
    }
    expect(covered.arraySync()).toEqual([1, 1, 1, 1, 0]);
    const gradient = tf.grad(
      (x) => answerLoss({ ...logits, heads: { ...heads, types: x as tf.Tensor2D } }, spans, targets).losses,
    )(heads.types);
    const last = gradient.arraySync() as number[][];
    for (const value of last[4]!) expect(Math.abs(value)).toBe(0);
    expect(Math.max(...last.slice(0, 4).flat().map(Math.abs))).toBeGreaterThan(0.1);
  });
});

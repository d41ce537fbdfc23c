import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { multiSpanLogLikelihood } from "./multiSpanLikelihood";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const tokens = 5;
type Occurrence = { text: number; start: number; end: number };

/** Disjoint spans of 5 tokens, dealt to at most two texts. */
const occurrences = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 5 }),
    fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 5, maxLength: 5 }),
  )
  .map(([lengths, owners]) => {
    const found: Occurrence[] = [];
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      if (at + length > tokens) break;
      if (owners[i]! >= 0) found.push({ text: owners[i]!, start: at, end: at + length - 1 });
      at += length;
    }
    return found;
  });
const logits = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
  minLength: 3 * tokens,
  maxLength: 3 * tokens,
});

/** Sums over all 3^5 taggings. */
function enumerated(values: readonly number[], found: readonly Occurrence[], masked: number): number {
  const probs = Array.from({ length: tokens }, (_, at) => {
    const weights = [0, 1, 2].map((tag) => Math.exp(values[3 * at + tag]!));
    return weights.map((weight) => weight / weights.reduce((a, b) => a + b, 0));
  });
  const wanted = new Set(found.map(({ text }) => text));
  let sum = 0;
  for (let code = 0; code < 3 ** tokens; code++) {
    const tags = Array.from({ length: tokens }, (_, at) => Math.floor(code / 3 ** at) % 3);
    if (tags[masked] !== undefined && tags[masked] !== 0) continue;
    const spans: string[] = [];
    let valid = true;
    for (let at = 0; at < tokens; at++) {
      if (tags[at] === 2 && (at === 0 || tags[at - 1] === 0)) valid = false;
      if (tags[at] !== 1) continue;
      let end = at;
      while (tags[end + 1] === 2) end++;
      spans.push(`${at} ${end}`);
    }
    const marked = spans.map((span) => found.find(({ start, end }) => span === `${start} ${end}`));
    if (!valid || marked.includes(undefined)) continue;
    if (new Set(marked.map((one) => one!.text)).size < wanted.size) continue;
    sum += tags.reduce((product, tag, at) => (at === masked ? product : product * probs[at]![tag]!), 1);
  }
  return Math.log(sum);
}

function computed(values: tf.Tensor3D, found: readonly Occurrence[], masked: number): tf.Tensor1D {
  const list = (value: (one: Occurrence) => number) =>
    [0, 1].map((text) => {
      const own = found.filter((one) => one.text === text);
      return Array.from({ length: 4 }, (_, i) => (own[i] ? value(own[i]!) : 0));
    });
  return multiSpanLogLikelihood(
    values,
    tf.tensor2d([Array.from({ length: tokens }, (_, at) => Number(at !== masked))]),
    {
      starts: tf.tensor3d([list(({ start }) => start)], undefined, "int32"),
      ends: tf.tensor3d([list(({ end }) => end)], undefined, "int32"),
      valid: tf.tensor3d([list(() => 1)]),
    },
  );
}

test("is the sum over all taggings that mark each text at least once and nothing else, and so is its gradient", () => {
  fc.assert(
    fc.property(logits, occurrences, fc.integer({ min: 0, max: tokens }), (values, all, place) => {
      const found = all.filter(({ start, end }) => place < start || place > end);
      fc.pre(found.length > 0);
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((x) => computed(x as tf.Tensor3D, found, place).sum())(
          tf.tensor3d(values, [1, tokens, 3]),
        );
        expect(value.dataSync()[0]).toBeCloseTo(enumerated(values, found, place), 3);
        const step = 1e-4;
        for (const [i, slope] of grad.dataSync().entries()) {
          const at = (delta: number) =>
            enumerated(
              values.map((one, j) => (i === j ? one + delta : one)),
              found,
              place,
            );
          expect(slope).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
        }
      });
    }),
    { numRuns: 60, seed: 5 },
  );
});

test("stays finite, with a gradient, where a span is all but impossible", () => {
  tf.tidy(() => {
    const values = tf.tensor3d([
      [
        [80, 0, 0],
        [80, 0, 0],
        [80, 0, 0],
        [80, 0, 0],
        [80, 0, 0],
      ],
    ]);
    const found = [
      { text: 0, start: 1, end: 2 },
      { text: 0, start: 4, end: 4 },
      { text: 1, start: 0, end: 0 },
    ];
    const { value, grad } = tf.valueAndGrad((x) => computed(x as tf.Tensor3D, found, -1).sum())(values);
    expect(value.dataSync()[0]).toBeCloseTo(-160, 3); // the text of one token is nearer than that of two
    const slopes = [-1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 1, 0];
    for (const [i, slope] of grad.dataSync().entries()) expect(slope).toBeCloseTo(slopes[i]!, 6);
  });
});

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { endLoss } from "./endLoss";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Central differences of a plain-number function; in float64 a step of 1e-5 is good to about 1e-9. */
function centralDifferences(f: (x: number[]) => number, x: number[]): number[] {
  const step = 1e-5;
  return x.map((_, i) => {
    const at = (delta: number) => f(x.map((value, j) => (j === i ? value + delta : value)));
    return (at(step) - at(-step)) / (2 * step);
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const size = Math.max(1e-3, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!), `entry ${i}`).toBeLessThan(1e-5 * Math.max(1, size));
  }
}

const softmax = (x: number[], mask: number[]): number[] => {
  const weights = x.map((value, i) => (mask[i] ? Math.exp(value) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};

const logits = (length: number) =>
  fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: length, maxLength: length });
const flags = (length: number) => fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length });

describe("endLoss", () => {
  const tokens = 6;
  type Case = { start: number[]; end: number[]; mask: number[]; spans: [number, number][] };
  const cases = fc
    .record({ start: logits(tokens), end: logits(tokens), mask: flags(tokens) })
    .chain((row) => {
      const allowed = row.mask.flatMap((one, i) => (one ? [i] : []));
      const all = allowed.flatMap((s) => allowed.filter((e) => e >= s).map((e): [number, number] => [s, e]));
      return fc
        .subarray(all, { maxLength: Math.min(4, all.length) })
        .map((spans): Case => ({ ...row, spans }));
    });

  const plain = ({ mask, spans }: Case, x: number[]): number => {
    const p = softmax(x.slice(0, tokens), mask);
    const q = softmax(x.slice(tokens), mask);
    return spans.length === 0 ? 0 : -Math.log(spans.reduce((sum, [s, e]) => sum + p[s]! * q[e]!, 0));
  };
  const run = (row: Case, start: tf.Tensor, end: tf.Tensor) => {
    const padded = [...row.spans, ...Array.from({ length: 5 - row.spans.length }, () => undefined)];
    return endLoss(start as tf.Tensor2D, end as tf.Tensor2D, tf.tensor2d([row.mask]), {
      starts: tf.tensor2d([padded.map((span) => span?.[0] ?? 0)], undefined, "int32"),
      ends: tf.tensor2d([padded.map((span) => span?.[1] ?? 0)], undefined, "int32"),
      valid: tf.tensor2d([padded.map((span) => (span ? 1 : 0))]),
    });
  };

  test("equals the sum over spans in plain numbers, and its gradient central differences of it", () => {
    fc.assert(
      fc.property(cases, (row) => {
        tf.tidy(() => {
          const inputs = [tf.tensor2d([row.start]), tf.tensor2d([row.end])];
          const result = tf.valueAndGrads((s: tf.Tensor, e: tf.Tensor) => run(row, s, e).losses)(inputs);
          const x = [...row.start, ...row.end];
          expectClose(result.value.dataSync(), [plain(row, x)]);
          const gradient = result.grads.flatMap((g) => [...g.dataSync()]);
          expectClose(
            gradient,
            centralDifferences((at) => plain(row, at), x),
          );
        });
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test("an example without a span counts 0, is told apart, and moves nothing", () => {
    tf.tidy(() => {
      const row: Case = {
        start: [1, 2, 3, 4, 5, 6],
        end: [6, 5, 4, 3, 2, 1],
        mask: [0, 0, 0, 0, 0, 0],
        spans: [],
      };
      const { losses, covered } = run(row, tf.tensor2d([row.start]), tf.tensor2d([row.end]));
      expect([...losses.dataSync(), ...covered.dataSync()]).toEqual([0, 0]);
      const gradient = tf.grad((s: tf.Tensor) => run(row, s, tf.tensor2d([row.end])).losses)(
        tf.tensor2d([row.start]),
      );
      for (const value of gradient.dataSync()) expect(Math.abs(value)).toBe(0);
    });
  });

  test("stays finite where the answer's probability underflows", () => {
    tf.tidy(() => {
      const row: Case = {
        start: [300, 0, 0, 0, 0, 0],
        end: [300, 0, 0, 0, 0, 0],
        mask: [1, 1, 1, 1, 1, 1],
        spans: [[1, 2]],
      };
      expect(run(row, tf.tensor2d([row.start]), tf.tensor2d([row.end])).losses.dataSync()[0]).toBeCloseTo(
        600,
        3,
      );
    });
  });
});

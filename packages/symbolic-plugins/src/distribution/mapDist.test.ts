import { compareGradients, gradientTolerance, relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { failure } from "../../test/failure";
import { decimal } from "../arguments/decimal";
import { fromExample } from "../arguments/fromExample";
import { defineFunction } from "../define";
import { tokens } from "../output";
import { ok, undefinedResult } from "../result";
import { categorical } from "./categorical";
import type { Dist } from "./dist";
import { logProbAt } from "./logProbAt";
import { mapDist } from "./mapDist";

beforeAll(async () => void (await tf.setBackend("cpu")));

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Logits of `count` variables, in double precision: `[variable][value]`. */
function logits(count: number, size: number, seed: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: size }, (_, j) => 3 * Math.sin(seed + 17 * i + 5.3 * j * j)),
  );
}

function softmax(x: Float64Array): number[] {
  const weights = Array.from(x, Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** P(f = y) by enumerating every tuple, in plain numbers. */
function enumerated(f: (...places: number[]) => string, probs: number[][]): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (places: number[], probability: number): void => {
    if (places.length === probs.length) {
      const result = f(...places);
      found.set(result, (found.get(result) ?? 0) + probability);
    } else {
      for (const [place, p] of probs[places.length]!.entries()) visit([...places, place], probability * p);
    }
  };
  visit([], 1);
  return found;
}

const asTensor = (x: ArrayLike<number>) => tf.tensor2d([Array.from(x)]);

describe("the sum of four digits", () => {
  const x = logits(4, 10, 1);
  const expected = enumerated((...places) => String(places.reduce((a, b) => a + b)), x.map(softmax));

  test("570 calls, none the second time, and full enumeration within 1e-10", () => {
    let calls = 0;
    const plus = (a: number, b: number) => {
      calls++;
      return a + b;
    };
    for (const _ of [1, 2]) {
      const [first, ...others] = x.map((row) => categorical(digits, [row]));
      const total = others.reduce((sum, digit) => mapDist(plus, sum, digit), first!);
      expect(calls).toBe(570);
      expect(total.support.values).toEqual(Array.from({ length: 37 }, (_, sum) => sum));
      for (const [place, sum] of total.support.values.entries()) {
        expect(Math.abs(Math.exp(total.logProbs[0]![place]!) - expected.get(String(sum))!)).toBeLessThan(
          1e-10,
        );
      }
    }
  });

  test("in tensors: enumeration within float32, in probability and in logarithm", () => {
    const plus = (a: number, b: number) => a + b;
    const [first, ...others] = x.map((row) => categorical(digits, asTensor(row)));
    const total = others.reduce((sum, digit) => mapDist(plus, sum, digit), first!);
    const wanted = total.support.values.map((sum) => Math.log(expected.get(String(sum))!));
    expect(relativeError(total.logProbs.dataSync(), wanted)).toBeLessThan(1e-6);
  });
});

test("improbable results are as exact as probable ones", () => {
  const far = [0, -200, -400].map((value) => value);
  const times = (a: number, b: number) => a * b;
  const tensors = mapDist(
    times,
    categorical([1, 2, 3], asTensor(far)),
    categorical([1, 2, 3], asTensor(far)),
  );
  const exact = mapDist(
    times,
    categorical([1, 2, 3], [Float64Array.from(far)]),
    categorical([1, 2, 3], [Float64Array.from(far)]),
  );
  expect(exact.logProbs[0]![exact.support.indexOf(9)]).toBeCloseTo(-800, 9);
  expect(exact.logProbs[0]![exact.support.indexOf(2)]).toBeCloseTo(-200 + Math.log(2), 9);
  expect(relativeError(tensors.logProbs.dataSync(), exact.logProbs[0]!)).toBeLessThan(1e-6);
});

test("the gradient of the marginal loss is that of central differences, whatever merges with what", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 5, 40),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(1e6),
      (modulus, size, seed) => {
        const values = Array.from({ length: size }, (_, i) => i);
        const f = (a: number, b: number, c: number) => (a * b + c) % modulus;
        const x = Float64Array.from(logits(3, size, seed).flatMap((row) => [...row]));
        const rows = (at: Float64Array) => [0, 1, 2].map((i) => at.subarray(i * size, (i + 1) * size));
        const wanted = f(seed % size, size - 1, 0);
        const plain = (at: Float64Array) => {
          const [a, b, c] = rows(at).map((row) => categorical(values, [row]));
          const { support, logProbs } = mapDist(f, a!, b!, c!);
          return -logProbs[0]![support.indexOf(wanted)]!;
        };
        const gradient = (at: Float64Array) =>
          tf.tidy(() =>
            tf
              .grads((...given: tf.Tensor[]) => {
                const [a, b, c] = given.map((row) => categorical(values, row as tf.Tensor2D));
                const dist = mapDist(f, a!, b!, c!);
                return tf.neg(tf.sum(logProbAt(dist, tf.tensor1d([dist.support.indexOf(wanted)], "int32"))));
              })(rows(at).map(asTensor))
              .flatMap((slope) => [...slope.dataSync()]),
          );
        const { difference, size: steepness } = compareGradients({
          value: plain,
          gradient,
          x,
          seed,
          step: 1e-4,
        });
        expect(difference).toBeLessThan(1e-4 * steepness + 1e-5);
        expect(difference).toBeLessThan(gradientTolerance(steepness));
      },
    ),
    { numRuns: 40, seed: 2 },
  );
});

test("a result of probability 0 has log-probability -Infinity, and gives no NaN to the others' gradient", () => {
  const gradient = tf.grad((scores) => {
    const sum = mapDist(
      (a: number, b: number) => a + b,
      categorical([0, 1], scores as tf.Tensor2D),
      categorical([0, 1], tf.tensor2d([[0, Number.NEGATIVE_INFINITY]])),
    );
    expect(sum.logProbs.dataSync()[2]).toBe(Number.NEGATIVE_INFINITY);
    return tf.neg(tf.sum(logProbAt(sum, tf.tensor1d([sum.support.indexOf(1)], "int32"))));
  })(tf.tensor2d([[0.5, -0.5]]));
  const p = softmax(Float64Array.from([0.5, -0.5]));
  expect(relativeError(gradient.dataSync(), [p[0]!, -p[0]!])).toBeLessThan(1e-6);
});

describe("undefined results", () => {
  const divide = (a: number, b: number) => (b === 0 ? undefinedResult("division by zero") : a / b);

  test("have their probability, by reason, and stay undefined uncalled", () => {
    const two = [Float64Array.from([0, 0])];
    const quotient = mapDist(divide, categorical([1, 2], two), categorical([0, 2], two));
    expect(quotient.support.values).toEqual([0.5, 1]);
    expect(quotient.support.undefinedReasons).toEqual(["division by zero"]);
    expect(Array.from(quotient.logProbs[0]!, Math.exp)).toEqual(
      [0.25, 0.25, 0.5].map((p) => expect.closeTo(p, 12)),
    );
    const seen: number[] = [];
    const doubled = mapDist((value: number) => {
      seen.push(value);
      return 2 * value;
    }, quotient);
    expect(seen).toEqual([0.5, 1]);
    expect(doubled.support.undefinedReasons).toEqual(["division by zero"]);
    expect(Math.exp(doubled.logProbs[0]![2]!)).toBeCloseTo(0.5, 12);
  });
});

describe("a symbolic function", () => {
  const quotient = defineFunction({
    name: "test.quotient.v1",
    args: { a: fromExample("numbers"), b: fromExample("numbers") },
    where: ({ a }) => !a.isNegative(),
    run: ({ a, b }) => (b.isZero() ? undefinedResult("division by zero") : ok(a.div(b).toFixed())),
    output: tokens(),
    maxLength: 20,
  });
  const numbers = (...values: number[]) => values.map((value) => decimal.parse(value)!);
  const even = (count: number) => [new Float64Array(count)];

  test("gives the distribution of its text; what is no candidate is undefined", () => {
    const dist = mapDist(
      quotient,
      categorical(numbers(4, 2, -1), even(3)),
      categorical(numbers(2, 1, 0), even(3)),
    );
    expect(dist.support.values).toEqual(["2", "4", "1"]);
    expect(dist.support.undefinedReasons).toEqual(["division by zero", "not a candidate"]);
    expect(Array.from(dist.logProbs[0]!, (l) => 9 * Math.exp(l))).toEqual(
      [2, 1, 1, 2, 3].map((n) => expect.closeTo(n, 10)),
    );
  });

  test("is called with as many distributions as it has arguments, and is pure", () => {
    const one = categorical(numbers(1), even(1));
    expect(() => mapDist(quotient, one)).toThrow(failure("E_USAGE", "2 arguments (a, b)", "got 1"));
    const random = defineFunction({ ...quotient, symmetric: [], name: "test.random.v1", pure: false });
    expect(() => mapDist(random, one, categorical(numbers(1), even(1)))).toThrow(failure("E_USAGE", "pure"));
  });
});

describe("values", () => {
  test("are merged by what they are, not by which object they are", () => {
    const even = [new Float64Array(3)];
    const results: unknown[] = [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
      -0,
      0,
      "0",
      0n,
      null,
      true,
      new Decimal("1.0"),
      new Decimal(1),
    ];
    const counts = mapDist(
      (i: number) => results[i],
      categorical(
        results.map((_, i) => i),
        [new Float64Array(10)],
      ),
    );
    expect(counts.support.values).toEqual([{ a: 1, b: [2] }, -0, "0", 0n, null, true, new Decimal(1)]);
    expect(counts.support.has({ b: [2], a: 1 })).toBe(true);
    expect(() => counts.support.indexOf("1")).toThrow(failure("E_RANGE", '"1"', "its 7 values"));
    expect(() => mapDist((_: number) => Number.NaN, categorical([1, 2, 3], even))).toThrow(
      failure("E_USAGE", "plain values"),
    );
    expect(() => mapDist(async (_: number) => 1, categorical([1, 2, 3], even))).toThrow(
      failure("E_USAGE", "plain values"),
    );
  });

  test("have the function's types", () => {
    const dist = mapDist(
      (a: number, b: string) => (a > 1 ? undefinedResult("no") : a > 0 ? b : a),
      categorical([0, 1, 2], tf.zeros([1, 3])),
      categorical(["a", "b"], tf.zeros([1, 2])),
    );
    const typed: Dist<string | number> = dist;
    expect(typed.support.undefinedReasons).toEqual(["no"]);
    // @ts-expect-error: a number where text is wanted
    mapDist((text: string) => text, categorical([1], tf.zeros([1, 1])));
  });
});

describe("refused", () => {
  const coin = () => categorical([0, 1], tf.zeros([1, 2]));
  const plus = (a: number, b: number) => a + b;

  test("variables that are not independent", () => {
    const x = coin();
    expect(() => mapDist(plus, x, x)).toThrow(failure("E_USAGE", "not independent"));
    expect(() => mapDist(plus, mapDist(plus, x, coin()), x)).toThrow(
      failure("E_USAGE", "argument 1 of plus"),
    );
    expect(mapDist(plus, coin(), coin()).support.size).toBe(3);
  });

  test("batches and shapes that do not fit", () => {
    expect(() => mapDist(plus, coin(), categorical([0, 1], tf.zeros([2, 2])))).toThrow(
      failure("E_SHAPE", "1, 2"),
    );
    expect(() => categorical([0, 1], tf.zeros([1, 3]))).toThrow(failure("E_SHAPE", "[batch, 2]", "[1,3]"));
    expect(() => categorical([0, 1], [new Float64Array(2), new Float64Array(5)])).toThrow(
      failure("E_SHAPE", "[2,5]"),
    );
    expect(() => categorical([0, 0], tf.zeros([1, 2]))).toThrow(failure("E_USAGE", "0 twice"));
    expect(() => logProbAt(coin(), tf.tensor1d([2], "int32"))).toThrow(
      failure("E_RANGE", "place 2", "support of 2"),
    );
    expect(() => logProbAt(coin(), tf.tensor1d([0, 1], "int32"))).toThrow(failure("E_SHAPE", "[1]", "[2]"));
  });

  test("a function that throws, or changes its arguments", () => {
    const throws = (_: number): number => {
      throw new Error("boom");
    };
    expect(() => mapDist(throws, coin())).toThrow(failure("E_FUNCTION", "throws of [0]", "boom"));
    const lists = categorical([[1], [2]], tf.zeros([1, 2]));
    const changes = (list: number[]) => list.push(3);
    expect(() => mapDist(changes, lists)).toThrow(failure("E_FUNCTION", "changed its argument 0"));
  });

  test("more tuples than a table can hold", () => {
    const many = () =>
      categorical(
        Array.from({ length: 2001 }, (_, i) => i),
        tf.zeros([1, 2001]),
      );
    expect(() => mapDist(plus, many(), many())).toThrow(failure("E_RANGE", "2001 x 2001"));
  });
});

test("leaves no tensor behind but its results", () => {
  const plus = (a: number, b: number) => a + b;
  const x = tf.zeros<tf.Rank.R2>([3, 4]);
  const values = [0, 1, 2, 3];
  const before = tf.memory().numTensors;
  const [a, b] = [categorical(values, x), categorical(values, x)];
  const sum = mapDist(plus, a, b);
  tf.dispose([a.logProbs, b.logProbs, sum.logProbs]);
  expect(tf.memory().numTensors).toBe(before);
});

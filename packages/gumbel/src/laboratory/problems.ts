import { key, normal, type RandomKey, SymgradError, uniformInt } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { GradientProblem } from "./gradientProblem";

/** The built-in problems, by name. */
export const problemNames = ["linear", "quadratic", "quartic", "calc"] as const;
export type ProblemName = (typeof problemNames)[number];

/**
 * A built-in problem. All its numbers come from the key of its name, `key("symgrad.laboratory.v1").fold(name)`,
 * whatever the seed of the draws:
 *
 * - `linear`: 10 candidates, l(z) = <c, z>.
 * - `quadratic`: 10 candidates, l(z) = z^T A z + <c, z>, A symmetric.
 * - `quartic`: 10 candidates, l(z) = sum over 4 rows b_j of B of (<b_j, z> - t_j)^4.
 * - `calc`: a calculator layer in small. The candidates are 20 pairs of numbers below 50; the result of a pair is its
 *   sum, two tokens of a vocabulary of 11 (ten digits and a blank before sums below 10); the mixture of the results,
 *   a 2 x 11 token matrix, is read by a network with 16 tanh units, and the loss is the cross-entropy of its 10
 *   classes with the last digit of the first pair's sum.
 *
 * Logits, c, A (before it is made symmetric), B, t and the network's numbers are normal; see the code for the scales.
 *
 * @throws SymgradError `E_NAME` for any other name.
 */
export function gradientProblem(name: ProblemName): GradientProblem {
  const random = key("symgrad.laboratory.v1").fold(name);
  const create = { linear, quadratic, quartic, calc }[name];
  if (create === undefined) {
    throw new SymgradError("E_NAME", `gradientProblem: there is no problem "${name}".`, {
      hint: `known: ${problemNames.join(", ")}`,
    });
  }
  return { name, ...create(random) };
}

const candidates = 10;

function linear(random: RandomKey): Omit<GradientProblem, "name"> {
  const c = numbers(random.fold("c"), [candidates, 1]);
  return {
    logits: numbers(random.fold("logits"), [candidates]).data,
    loss: (z) => tf.tidy(() => tf.squeeze<tf.Tensor1D>(tf.matMul(z, matrix(c)), [1])),
  };
}

function quadratic(random: RandomKey): Omit<GradientProblem, "name"> {
  const a = numbers(random.fold("A"), [candidates, candidates]);
  const c = numbers(random.fold("c"), [candidates, 1]);
  return {
    logits: numbers(random.fold("logits"), [candidates]).data,
    loss: (z) =>
      tf.tidy(() => {
        const square = matrix(a);
        const symmetric = tf.div(tf.add(square, tf.transpose(square)), 2) as tf.Tensor2D;
        const bent = tf.sum(tf.mul(tf.matMul(z, symmetric), z), 1);
        return tf.add(bent, tf.squeeze(tf.matMul(z, matrix(c)), [1])) as tf.Tensor1D;
      }),
  };
}

function quartic(random: RandomKey): Omit<GradientProblem, "name"> {
  const rows = 4;
  const b = numbers(random.fold("B"), [candidates, rows]);
  const t = numbers(random.fold("t"), [1, rows], 0.5);
  return {
    logits: numbers(random.fold("logits"), [candidates]).data,
    loss: (z) =>
      tf.tidy(() => {
        const distance = tf.sub(tf.matMul(z, matrix(b)), matrix(t));
        return tf.sum(tf.square(tf.square(distance)), 1) as tf.Tensor1D;
      }),
  };
}

function calc(random: RandomKey): Omit<GradientProblem, "name"> {
  const [pairs, vocabulary, hidden, classes] = [20, 11, 16, 10];
  const drawn = uniformInt(random.fold("pairs"), 2 * pairs, 0, 50);
  const sums = Array.from({ length: pairs }, (_, i) => drawn[2 * i]! + drawn[2 * i + 1]!);
  const blank = vocabulary - 1;
  const tokens = sums.map((sum) => [sum < 10 ? blank : Math.floor(sum / 10), sum % 10]);
  const results: Numbers = {
    shape: [pairs, 2 * vocabulary],
    data: tokens.flatMap((ids) => ids.flatMap((id) => oneHot(id, vocabulary))),
  };
  const w1 = numbers(random.fold("w1"), [2 * vocabulary, hidden]);
  const w2 = numbers(random.fold("w2"), [hidden, classes]);
  const target: Numbers = { shape: [1, classes], data: oneHot(sums[0]! % 10, classes) };
  return {
    logits: numbers(random.fold("logits"), [pairs]).data,
    loss: (z) =>
      tf.tidy(() => {
        const units = tf.tanh(tf.matMul(tf.matMul(z, matrix(results)), matrix(w1)));
        const outputs = tf.matMul(units, matrix(w2)) as tf.Tensor2D;
        return tf.sub(tf.logSumExp(outputs, 1), tf.sum(tf.mul(outputs, matrix(target)), 1)) as tf.Tensor1D;
      }),
  };
}

interface Numbers {
  shape: [number, number] | [number];
  data: number[];
}

function numbers(random: RandomKey, shape: Numbers["shape"], standardDeviation = 1): Numbers {
  return {
    shape,
    data: tf.tidy(() => Array.from(normal(random, shape, { standardDeviation }).dataSync())),
  };
}

function matrix({ data, shape }: Numbers): tf.Tensor2D {
  return tf.tensor2d(data, shape as [number, number]);
}

function oneHot(at: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (i === at ? 1 : 0));
}

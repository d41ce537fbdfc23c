import {
  argumentLosses,
  categorical,
  defineFunction,
  fromExample,
  logProbAt,
  mapDist,
  ok,
  solve,
  tokens,
} from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const plus = (a, b) => a + b;
const tuple = (...places) => places;

/**
 * The distribution of the sum, exact: 100, 290 or 570 calls of `plus` for two, three or four digits, once.
 *
 * @param logits One `[batch, 10]` for each digit.
 */
export function sumOf(logits) {
  return logits
    .map((scores) => categorical(digits, scores))
    .reduce((sum, digit) => mapDist(plus, sum, digit));
}

/**
 * Ways to learn from sums: from the number of summands to `(logits, sums)` to a loss in nats, a scalar. `sums` is int32
 * `[batch]`; it is its own place, since the support of a sum is 0, 1, 2, ...
 */
export const objectives = {
  /** -log P(sum): the exact marginal likelihood, the default. */
  mml: () => (logits, sums) => logProbAt(sumOf(logits), sums).mean().neg(),

  /** The paper's: binary cross entropy over all tuples of digits, those with the right sum being positive. */
  bce(summands) {
    const consistent = consistentTuples(summands);
    return (logits, sums) => {
      const { logProbs } = mapDist(tuple, ...logits.map((scores) => categorical(digits, scores)));
      const labels = tf.gather(tf.tensor2d(consistent), sums);
      return argumentLosses.bce(logProbs, tf.onesLike(logProbs), labels).mean();
    };
  },
};

/** For each sum the tuples that have it, found by search: rows of 0 and 1, `[sums][tuples]`. */
export function consistentTuples(summands) {
  const names = Array.from({ length: summands }, (_, i) => `digit${i}`);
  const sum = defineFunction({
    name: "example.digitSum.v1",
    args: Object.fromEntries(names.map((name) => [name, fromExample("numbers")])),
    run: (args) => ok(String(Object.values(args).reduce((a, b) => a.plus(b)))),
    output: tokens(),
    maxLength: 2,
  });
  const rows = Array.from({ length: 9 * summands + 1 }, () => new Float32Array(10 ** summands));
  for (const { tuple, result } of solve(sum, { numbers: digits }, () => true)) {
    rows[Number(result.text)][tuple.reduce((place, digit) => 10 * place + digit)] = 1;
  }
  return rows;
}

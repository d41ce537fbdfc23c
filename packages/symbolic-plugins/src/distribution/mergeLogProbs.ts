import * as tf from "@tensorflow/tfjs";

/** Stands for log 0 where a difference is taken: -Infinity minus itself would be NaN. */
const lowest = -3e38;

/** Which tuples have which result, arranged for tensors: nothing of it changes from step to step. */
export interface MergePlan {
  /** `[tuples]`: each tuple's result. */
  readonly resultOf: Int32Array;
  /**
   * Results with their tuples, `[results of the group, width]` each, the short ones filled with the place behind the
   * last tuple. One group if that at most quadruples the table; else results of similar frequency are together.
   */
  readonly groups: readonly { readonly tuples: Int32Array; readonly width: number }[];
  /** `[results]`: where each result stands in the groups, one after the other. */
  readonly order: Int32Array;
}

/** @param resultOf Each result from 0 to `results` - 1 occurs. */
export function createMergePlan(resultOf: Int32Array, results: number): MergePlan {
  const members = Array.from({ length: results }, (): number[] => []);
  for (const [tuple, result] of resultOf.entries()) members[result]!.push(tuple);
  const sorted = members.map((_, result) => result).sort((a, b) => members[b]!.length - members[a]!.length);
  const order = new Int32Array(results);
  for (const [place, result] of sorted.entries()) order[result] = place;

  const together = members[sorted[0]!]!.length * results <= 4 * resultOf.length;
  const lists: number[][][] = [];
  for (const result of sorted) {
    const list = members[result]!;
    const widest = lists.at(-1)?.[0]?.length;
    if (widest === undefined || (!together && 2 * list.length < widest)) lists.push([]);
    lists.at(-1)!.push(list);
  }
  const groups = lists.map((group) => {
    const width = group[0]!.length;
    const tuples = new Int32Array(group.length * width).fill(resultOf.length);
    for (const [row, list] of group.entries()) tuples.set(list, row * width);
    return { tuples, width };
  });
  return { resultOf, groups, order };
}

/**
 * Adds up the probabilities of tuples with the same result, in log space:
 * out[b, r] = log sum over tuples t with result r of exp(logProbs[b, t]). Each result has its own maximum taken off, so
 * that improbable results are as exact as probable ones. The gradient of a tuple is its share of its result.
 *
 * @param logProbs `[batch, tuples]`; -Infinity is probability 0.
 * @returns `[batch, results]`; -Infinity for a result of probability 0. Differentiable once; traceable.
 */
export function mergeLogProbs(logProbs: tf.Tensor2D, plan: MergePlan): tf.Tensor2D {
  return tf.customGrad((...given) => {
    const [joint, save] = given as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const value = merge(joint, plan);
    save([joint, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const result = tf.tensor1d(plan.resultOf, "int32");
        const total = tf.gather(tf.maximum(saved[1]!, lowest), result, 1);
        return tf.mul(tf.exp(tf.sub(saved[0]!, total)), tf.gather(dy, result, 1));
      },
    };
  })(logProbs) as tf.Tensor2D;
}

function merge(joint: tf.Tensor2D, { groups, order }: MergePlan): tf.Tensor2D {
  const padded = tf.concat([joint, tf.fill([joint.shape[0], 1], Number.NEGATIVE_INFINITY)], 1);
  const parts = groups.map(({ tuples, width }) => {
    const rows = tf.gather(padded, tf.tensor2d(tuples, [tuples.length / width, width], "int32"), 1);
    const peak = tf.maximum(tf.max(rows, 2, true), lowest);
    return tf.add(tf.log(tf.sum(tf.exp(tf.sub(rows, peak)), 2)), tf.squeeze(peak, [2])) as tf.Tensor2D;
  });
  const all = parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
  return tf.gather(all, tf.tensor1d(order, "int32"), 1);
}

/** As {@link mergeLogProbs} for one example, in double precision. */
export function mergeLogProbsExact(logProbs: Float64Array, { resultOf, order }: MergePlan): Float64Array {
  const peaks = new Float64Array(order.length).fill(Number.NEGATIVE_INFINITY);
  for (const [tuple, result] of resultOf.entries()) {
    peaks[result] = Math.max(peaks[result]!, logProbs[tuple]!);
  }
  const sums = new Float64Array(order.length);
  for (const [tuple, result] of resultOf.entries()) {
    if (logProbs[tuple]! > Number.NEGATIVE_INFINITY) {
      sums[result]! += Math.exp(logProbs[tuple]! - peaks[result]!);
    }
  }
  return sums.map((sum, result) => (sum === 0 ? Number.NEGATIVE_INFINITY : Math.log(sum) + peaks[result]!));
}

import type { Choice } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import type { PreparedInputs } from "./collate";
import { gatherChoice } from "./gatherChoice";
import { counting } from "./rowIndex";

/**
 * F~ over the small output vocabulary U: M[l, u] = sum_i w_i [token l of result i is u], rows beyond a result's
 * length zero. Everything the layer computes goes through M: F~ times an embedding table is M times the table's |U|
 * rows, so both gradients are a product with those rows, and that of the weights a look-up,
 * w_i's cotangent = sum_l M's cotangent[l, token(i, l)]. No one-hot over the vocabulary is ever made, and none over
 * the candidates where the choice is hard.
 *
 * @param size |U|.
 * @returns float32 `[batch, length, size]`, differentiable once with respect to `choice.weights`; traceable.
 */
export function resultDistribution(
  choice: Pick<Choice, "weights" | "index" | "hard">,
  inputs: PreparedInputs,
  size: number,
): tf.Tensor3D {
  const { ids, lengths } = inputs;
  const operation = tf.customGrad((...given) => {
    const [weights, save] = given as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([ids, lengths]);
    const value = choice.hard
      ? chosenDistribution(choice, weights, inputs, size)
      : mixedDistribution(weights, inputs, size);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedIds, savedLengths] = saved as [tf.Tensor3D, tf.Tensor2D];
        const picked = tf.gather(tf.reshape(dy, [-1]), tf.reshape(cells(savedIds, size), [-1]));
        return tf.sum(tf.mul(tf.reshape(picked, savedIds.shape), within(savedIds, savedLengths)), 2);
      },
    };
  });
  return operation(choice.weights) as tf.Tensor3D;
}

/** One result per row: a one-hot over U for each of its tokens. */
function chosenDistribution(
  choice: Pick<Choice, "index">,
  weights: tf.Tensor2D,
  inputs: PreparedInputs,
  size: number,
) {
  const [batch, , length] = inputs.ids.shape;
  const ids = gatherChoice(inputs.ids, choice.index);
  const lengths = gatherChoice(inputs.lengths, choice.index);
  const present = tf.less(counting(length, [1, length]), tf.expandDims(lengths, 1));
  const oneHot = tf.equal(tf.expandDims(ids, 2), counting(size, [1, 1, size]));
  const cut = tf.logicalAnd(oneHot, tf.expandDims(present, 2));
  // 1 in a row with a choice, 0 in an empty one, NaN where the scores were: that must reach the loss.
  const total = tf.reshape(tf.sum(weights, 1), [batch, 1, 1]);
  return tf.mul(tf.cast(cut, "float32"), total);
}

/** A mixture of all results: each token's weight is added to its cell. */
function mixedDistribution(weights: tf.Tensor2D, inputs: PreparedInputs, size: number) {
  const { ids, lengths } = inputs;
  const [batch, , length] = ids.shape;
  const added = tf.mul(tf.expandDims(weights, 2), within(ids, lengths));
  const sums = tf.unsortedSegmentSum(
    tf.reshape(added, [-1]),
    tf.reshape(cells(ids, size), [-1]) as tf.Tensor1D,
    batch * length * size,
  );
  return tf.reshape(sums, [batch, length, size]);
}

/** int32 `[batch, candidates, length]`: the place of each token's cell in the flat `[batch, length, size]`. */
function cells(ids: tf.Tensor3D, size: number): tf.Tensor {
  const [batch, , length] = ids.shape;
  const rows = counting(batch, [batch, 1, 1], length * size);
  return tf.add(tf.add(ids, counting(length, [1, 1, length], size)), rows);
}

/** float32 `[batch, candidates, length]`: 1 where a result has a token. */
function within(ids: tf.Tensor3D, lengths: tf.Tensor2D): tf.Tensor {
  const length = ids.shape[2];
  return tf.cast(tf.less(counting(length, [1, 1, length]), tf.expandDims(lengths, 2)), "float32");
}

import { SymgradError } from "@symgrad/core";
import type { Choice } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import type { PreparedInputs } from "./collate";
import { gatherChoice } from "./gatherChoice";
import { resultDistribution } from "./resultDistribution";
import { counting } from "./rowIndex";

/** The tokens of the chosen results, F~, as a network reads them. The caller disposes the tensors. */
export interface ResultTokens {
  /**
   * F~ times an embedding table, with gradients to the scores and to the table; rows beyond a result are zero.
   *
   * @param table `[vocabulary, hidden]`, float32.
   * @returns `[batch, length, hidden]`.
   * @throws SymgradError `E_SHAPE` if the table is not of that shape.
   */
  embed(table: tf.Tensor2D): tf.Tensor3D;
  /** F~ over the function's output vocabulary, `[batch, length, outputs]`: what a network of its own reads. */
  output(): tf.Tensor3D;
  /** F~ itself, `[batch, length, vocabulary]`: for tests, it is large. */
  dense(): tf.Tensor3D;
  /** float32 `[batch, length]`: 1 where the chosen result has a token. */
  mask: tf.Tensor2D;
  /** int32 `[batch, length]`: ids of the chosen result in the vocabulary, 0 beyond its length. */
  ids: tf.Tensor2D;
  /** int32 `[batch]`: 0 also where no candidate may be chosen. */
  lengths: tf.Tensor1D;
}

/** What reading needs of a choice. */
export type ChoiceWeights = Pick<Choice, "weights" | "index" | "empty" | "hard">;

/** @param outputIds Local id -> id in the vocabulary of `vocabularySize` tokens. */
export function createResultTokens(
  where: string,
  choice: ChoiceWeights,
  inputs: PreparedInputs,
  outputIds: Int32Array,
  vocabularySize: number,
): ResultTokens {
  const [batch, , length] = inputs.ids.shape;
  const size = outputIds.length;
  const outputTensor = () => tf.tensor1d(outputIds, "int32");

  const times = (rows: tf.Tensor): tf.Tensor3D => {
    const distribution = tf.reshape(resultDistribution(choice, inputs, size), [batch * length, size]);
    return tf.reshape(tf.matMul(distribution, rows), [batch, length, rows.shape[1]!]);
  };
  const some = tf.cast(tf.sub(1, choice.empty), "int32");
  const lengths = tf.mul(gatherChoice(inputs.lengths, choice.index), some) as tf.Tensor1D;
  const present = tf.less(counting(length, [1, length]), tf.expandDims(lengths, 1));
  const localIds = gatherChoice(inputs.ids, choice.index);
  return {
    lengths,
    mask: tf.cast(present, "float32") as tf.Tensor2D,
    ids: tf.mul(tf.gather(outputTensor(), localIds), tf.cast(present, "int32")) as tf.Tensor2D,
    embed(table) {
      if (table.rank !== 2 || table.shape[0] !== vocabularySize) {
        throw new SymgradError(
          "E_SHAPE",
          `${where}: tokens.embed: \`table\` must have shape [vocabulary, hidden] with ${vocabularySize} rows, got [${table.shape.join(", ")}].`,
        );
      }
      return tf.tidy(() => times(tf.gather(table, outputTensor())));
    },
    output: () => tf.tidy(() => resultDistribution(choice, inputs, size)),
    dense: () =>
      tf.tidy(() => {
        const every = counting(vocabularySize, [1, vocabularySize]);
        return times(tf.cast(tf.equal(tf.expandDims(outputTensor(), 1), every), "float32"));
      }),
  };
}

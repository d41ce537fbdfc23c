import { oneHot, type RandomKey, SymgradError } from "@symgrad/core";
import { marginalLoss, type PathwiseEstimator } from "@symgrad/gumbel";
import { gatherChoice, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { answerLoss } from "../losses/answerLoss";
import type { EndLossResult } from "../losses/endLoss";
import type { TargetInputs } from "./readerBatch";
import type { EmbeddedText, ReaderInputs, ReaderModel } from "./readerModel";
import { withResultSpans } from "./resultSpans";

/**
 * The end loss summed over what may be called instead of sampled, -log of the sum over candidates i of
 * p(i | x) p(y | x, F_i), read with each of the `count` most probable ones; the others count as if the answer were
 * impossible with them. No noise, and an exact gradient; `count` passes over text and result. For readers of one function.
 *
 * @param scores `[batch, candidates]`.
 * @see The calculator-reader paper, equation 4.
 */
export function readMarginal(
  model: ReaderModel,
  inputs: ReaderInputs,
  embedded: EmbeddedText,
  targets: TargetInputs,
  scores: tf.Tensor2D,
  { layer, count, dropout }: { layer: SymbolicLayer; count: number; dropout?: RandomKey | undefined },
): EndLossResult {
  const { results } = inputs.stages[0]!;
  const estimator = layer.estimator as PathwiseEstimator;
  if (typeof estimator.choose !== "function") {
    throw new SymgradError("E_USAGE", `readMarginal: the estimator ${layer.estimator.name} makes no choice.`);
  }
  const candidates = scores.shape[1];
  let allowed = results.mask;
  const readings = Array.from({ length: Math.min(count, candidates) }, () => {
    const { index, empty } = estimator.choose(scores, { mask: allowed });
    const some = tf.sub(1, empty).expandDims(1);
    const row = oneHot(index, candidates).mul(some) as tf.Tensor2D;
    allowed = allowed.sub(row) as tf.Tensor2D;
    const tokens = layer.read({ weights: row, index, empty, hard: true }, results);
    const answer = model.read(inputs, embedded, [tokens], dropout);
    const resultSpans = gatherChoice(targets.stages[0]!.spans, index).mul(some) as tf.Tensor2D;
    return { index, empty, row, ...answerLoss(answer, withResultSpans(targets, resultSpans), targets.heads) };
  });
  const first = readings[0]!;
  const logLikelihoods = readings.reduce<tf.Tensor>(
    (all, { row, covered, losses }) => {
      const possible = row.mul(covered.expandDims(1)).greater(0);
      return tf.where(possible, tf.neg(losses).expandDims(1).mul(tf.onesLike(row)), all);
    },
    tf.fill(scores.shape, Number.NEGATIVE_INFINITY),
  );
  const covered = readings
    .map((reading) => reading.covered.mul(reading === first ? 1 : tf.sub(1, reading.empty)))
    .reduce((a, b) => tf.maximum(a, b)) as tf.Tensor1D;
  const marginal = marginalLoss(scores, logLikelihoods as tf.Tensor2D, { mask: results.mask });
  // Without a candidate the text is read alone, as it is without a function.
  const losses = tf
    .where(covered.greater(0), marginal, tf.zerosLike(marginal))
    .add(first.empty.mul(first.losses)) as tf.Tensor1D;
  return { losses, covered };
}

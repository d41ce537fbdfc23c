import { logSumExp, maskLogits } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { AnswerHead } from "../reader/answerHeads";
import { type EndLossResult, endLoss, type SpanLists } from "./endLoss";
import { multiSpanLogLikelihood, type SpanOccurrences } from "./multiSpanLikelihood";

/** What a reader says about the answer: one span, and with more heads which of them answers, and what they say. */
export interface AnswerLogits {
  /** `[batch, tokens]`. */
  start: tf.Tensor2D;
  end: tf.Tensor2D;
  /** 1 = the token may belong to a span, `[batch, tokens]`. */
  mask: tf.Tensor2D;
  /** Absent where there is the span head alone. */
  heads?: HeadLogits;
}

export interface HeadLogits {
  /** Which heads there are, in the order of `types`. */
  names: readonly AnswerHead[];
  /** `[batch, heads]`. */
  types: tf.Tensor2D;
  /** Of 0 to 9, `[batch, 10]`. */
  count?: tf.Tensor2D;
  /** O, B and I of each token of the text, `[batch, tokens, 3]`. */
  tags?: tf.Tensor3D;
  /** 1 = the token of the text may be tagged, `[batch, tokens]`. */
  taggable: tf.Tensor2D;
}

/** The answers of a batch for the heads besides the span head. */
export interface HeadTargets {
  /** The count that answers, int32 `[batch]`; 0 where there is none. */
  count: tf.Tensor1D;
  /** 1 where a count answers, float32 `[batch]`. */
  counted: tf.Tensor1D;
  /** Where each text of an answer of several spans stands. */
  occurrences: SpanOccurrences;
}

/**
 * -log p(y | x), the marginal over the ways to answer: p(y | x) = sum over heads of p(head | x) p(y | head, x), of those
 * heads that can give the answer at all; with the span head alone {@link endLoss}. An example that none can answer
 * contributes 0 and no gradient; `covered` tells which they are.
 *
 * @param spans The spans that equal the answer, those of results included.
 * @see Dua et al. 2019, arXiv:1903.00161, section 6 (the marginal over answer types, counts from 0 to 9); Hu et al. 2019,
 *   arXiv:1908.05514 (types with several spans).
 */
export function answerLoss(
  { start, end, mask, heads }: AnswerLogits,
  spans: SpanLists,
  targets: HeadTargets | undefined,
): EndLossResult {
  const span = endLoss(start, end, mask, spans);
  if (!heads || !targets) return span;
  const { names, types, count, tags, taggable } = heads;
  const { valid } = targets.occurrences;
  const several = valid.max([1, 2]) as tf.Tensor1D;
  const likelihoods: Record<AnswerHead, () => [logLikelihood: tf.Tensor1D, covered: tf.Tensor1D]> = {
    span: () => [tf.neg(span.losses), span.covered],
    "multi-span": () => [multiSpanLogLikelihood(tags!, taggable, targets.occurrences), several],
    count: () => {
      const chosen = tf.oneHot(targets.count, count!.shape[1]).cast("float32");
      return [tf.logSoftmax(count!).mul(chosen).sum(1) as tf.Tensor1D, targets.counted];
    },
  };
  const parts = names.map((name) => likelihoods[name]());
  const answers = tf.stack(
    parts.map(([logLikelihood]) => logLikelihood),
    1,
  ) as tf.Tensor2D;
  const possible = tf.stack(
    parts.map(([, covered]) => covered),
    1,
  ) as tf.Tensor2D;
  const covered = possible.max(1) as tf.Tensor1D;
  const joint = maskLogits(tf.logSoftmax(types).add(answers) as tf.Tensor2D, possible);
  const losses = logSumExp(joint).squeeze([-1]).neg().mul(covered) as tf.Tensor1D;
  return { losses, covered };
}

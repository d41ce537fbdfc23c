import { oneHot } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

/** The tags of a token, by their place among a token's logits: outside of every span, its first token, a later one. */
export const SPAN_TAGS = ["O", "B", "I"] as const;

/** Where the texts of answers of several spans stand, as padded lists. */
export interface SpanOccurrences {
  /** First and last token of each occurrence, int32 `[batch, texts, occurrences]`; 0 where there is none. */
  starts: tf.Tensor3D;
  ends: tf.Tensor3D;
  /** 1 where there is an occurrence, float32 `[batch, texts, occurrences]`. */
  valid: tf.Tensor3D;
}

/**
 * log p(spans | x), where each token has a tag of its own: the sum over all taggings that mark at least one occurrence of
 * every text, and nothing else. Occurrences must not overlap; then the sum factors into texts,
 * log p(all O) + sum over texts of log(prod over occurrences of (1 + e^w) - 1), with w the log-odds of tagging an
 * occurrence B I I ... instead of O O O ....
 *
 * @param logits `[batch, tokens, 3]`, in the order of {@link SPAN_TAGS}.
 * @param mask 1 = the token may belong to an answer, float32 `[batch, tokens]`; others have no tag.
 * @returns `[batch]`, nats; 0 times anything for texts without occurrences, which the caller masks.
 * @see Segal, Efrat, Shoham, Globerson and Berant 2020, arXiv:1909.13375, section 3 (tags, and the sum over the taggings
 *   that are consistent with the answer).
 */
export function multiSpanLogLikelihood(
  logits: tf.Tensor3D,
  mask: tf.Tensor2D,
  { starts, ends, valid }: SpanOccurrences,
): tf.Tensor1D {
  const [batch, tokens] = logits.shape;
  const [, texts, occurrences] = starts.shape;
  const logProbs = tf.logSoftmax(logits);
  const tag = (index: number) => logProbs.slice([0, 0, index], [batch, tokens, 1]);
  const outside = tag(0);
  const nothing = outside.squeeze<tf.Tensor2D>([-1]).mul(mask).sum(1) as tf.Tensor1D;
  const flat = (x: tf.Tensor3D) => x.reshape([batch, texts * occurrences]) as tf.Tensor2D;
  const [from, to] = [flat(starts), flat(ends)];
  const place = tf.range(0, tokens, 1, "int32").reshape([1, 1, tokens]);
  const later = tf
    .logicalAnd(tf.greater(place, from.expandDims(-1)), tf.lessEqual(place, to.expandDims(-1)))
    .cast("float32") as tf.Tensor3D;
  const first = oneHot(from, tokens) as tf.Tensor3D;
  const odds = tf
    .add(tf.matMul(first, tag(1).sub(outside)), tf.matMul(later, tag(2).sub(outside)))
    .reshape([batch, texts, occurrences])
    .mul(valid)
    .sub(tf.sub(1, valid).mul(IMPOSSIBLE)) as tf.Tensor3D;
  const present = valid.max(-1) as tf.Tensor2D;
  const marked = someOf(odds).mul(present);
  return nothing.add(marked.sum(1)) as tf.Tensor1D;
}

const IMPOSSIBLE = 1e4;

/** log(prod of (1 + e^w) - 1) over the last axis: the odds of at least one, one after another so that nothing cancels. */
function someOf(odds: tf.Tensor3D): tf.Tensor2D {
  const [batch, texts, count] = odds.shape;
  const one = (i: number) => odds.slice([0, 0, i], [batch, texts, 1]).squeeze<tf.Tensor2D>([-1]);
  let some = one(0);
  // Either some of those before and this one or not, or this one alone.
  for (let i = 1; i < count; i++) some = logAddExp(some.add(tf.softplus(one(i))), one(i));
  return some;
}

function logAddExp(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return b.add(tf.softplus(a.sub(b))) as tf.Tensor2D;
}

import * as tf from "@tensorflow/tfjs";
import { differentiable } from "../../internal/differentiable";
import { maskLogits } from "./maskLogits";

/**
 * softmax(Q K^T + mask) V with a gradient of its own. The `[tokens, tokens]` matrices are what costs: backward, two
 * passes over them besides the products. The row sum that the softmax's gradient subtracts, of dP * P with dP = dO V^T,
 * is taken as the equal one of dO * O, whose rows are far shorter. The probabilities' gradient does not change when all
 * values, or all keys, are shifted alike, so the keys' gradients sum to 0. These means are taken out, because they would
 * cancel only up to rounding, which is large beside the small gradients of an attention that is still nearly uniform.
 *
 * @param query `[batch, heads, tokens, size]`, scaled already.
 * @param key `[batch, heads, tokens, size]`
 * @param value `[batch, heads, tokens, size]`
 * @param mask `[batch, tokens]`, 1 = may be attended to, 0 = padding. Default: all.
 * @returns `[batch, heads, tokens, size]`
 * @see Dao et al. 2022, arXiv:2205.14135, appendix B.4, eq. 4, for the row sum.
 */
export function attention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  return differentiable((save, query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => {
    const { probs, result } = attend(query, key, value, mask);
    save([query, key, value, probs, result]);
    return { value: result, gradient: (cotangent, saved) => attentionGradient(cotangent, saved as Kept) };
  })(query, key, value);
}

/** Query, key, value, probabilities and result. */
export type Kept = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** The probabilities, `[batch, heads, tokens, tokens]`, and the result. */
export function attend(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  mask: tf.Tensor | undefined,
): { probs: tf.Tensor; result: tf.Tensor } {
  const probs = tf.softmax(scores(query, key, mask));
  return { probs, result: tf.matMul(probs, value) };
}

/** Q K^T, and -1e9 more where the key is padding: `[batch, heads, tokens, tokens]`. */
export function scores(query: tf.Tensor, key: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  const product = tf.matMul(query, key, false, true);
  return mask === undefined ? product : maskLogits(product, mask.expandDims(1).expandDims(1));
}

/** The cotangents of query, key and value. */
export function attentionGradient(
  cotangent: tf.Tensor,
  [query, key, value, probs, result]: Kept,
): tf.Tensor[] {
  const middle = value.mean(-2, true);
  const rowSums = cotangent.mul(result.sub(middle)).sum(-1, true);
  const dScores = tf.matMul(cotangent, value.sub(middle), false, true).sub(rowSums).mul(probs);
  const dKey = tf.matMul(dScores, query, true, false);
  return [
    tf.matMul(dScores, key.sub(key.mean(-2, true))),
    dKey.sub(dKey.mean(-2, true)),
    tf.matMul(probs, cotangent, true, false),
  ];
}

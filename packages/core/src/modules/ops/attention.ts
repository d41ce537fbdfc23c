import * as tf from "@tensorflow/tfjs";
import { differentiable } from "../../internal/differentiable";
import { maskLogits } from "./maskLogits";

/**
 * softmax(Q K^T + mask) V. The gradient needs the probabilities P and the result O only: with dP = dO V^T, the row
 * sums of dP * P that softmax subtracts equal those of dO * O, which are far shorter rows.
 *
 * @param query `[batch, heads, tokens, size]`, scaled already.
 * @param key `[batch, heads, tokens, size]`
 * @param value `[batch, heads, tokens, size]`
 * @param mask `[batch, tokens]`, 1 = may be attended to, 0 = padding. Default: all.
 * @returns `[batch, heads, tokens, size]`
 * @see Dao et al. 2022, arXiv:2205.14135, appendix B.4, eq. 4.
 */
export function attention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  return differentiable((save, query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => {
    const scores = tf.matMul(query, key, false, true);
    const probs = tf.softmax(
      mask === undefined ? scores : maskLogits(scores, mask.reshape([mask.shape[0]!, 1, 1, mask.shape[1]!])),
    );
    const result = tf.matMul(probs, value);
    save([query, key, value, probs, result]);
    return {
      value: result,
      gradient: (cotangent, saved) => {
        const [query, key, value, probs, result] = saved as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
        const dProbs = tf.matMul(cotangent, value, false, true);
        const dScores = probs.mul(dProbs.sub(cotangent.mul(result).sum(-1, true)));
        return [
          tf.matMul(dScores, key),
          tf.matMul(dScores, query, true, false),
          tf.matMul(probs, cotangent, true, false),
        ];
      },
    };
  })(query, key, value);
}

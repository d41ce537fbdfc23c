import { logSumExp, maskLogits } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import { selectRows } from "../internal/selectRows";

/** Answer spans of a batch as padded lists of token positions. */
export interface SpanLists {
  /** First token of each span, int32 `[batch, spans]`; 0 where there is none. */
  starts: tf.Tensor2D;
  /** Last token of each span (inclusive), int32 `[batch, spans]`; 0 where there is none. */
  ends: tf.Tensor2D;
  /** 1 where there is a span, 0 for padding, float32 `[batch, spans]`. */
  valid: tf.Tensor2D;
}

export interface EndLossResult {
  /** -log p(y | x) in nats, `[batch]`; 0 for an example without any span. */
  losses: tf.Tensor1D;
  /** 1 where the example has a span, `[batch]`. */
  covered: tf.Tensor1D;
}

/**
 * The reader's end loss: l_end = -log sum over (s, e) in Y(x, y) of p_start(s) p_end(e), in log space, with independent
 * softmaxes for start and end over the tokens that `mask` allows. Every span of a list counts once: list none twice.
 * An example without any span contributes 0 and no gradient; `covered` tells which they are.
 *
 * @param startLogits `[batch, tokens]`, float32.
 * @param endLogits `[batch, tokens]`, float32.
 * @param mask 1 = the token may belong to an answer, float32 `[batch, tokens]`.
 * @see The calculator-reader paper, section 4; Clark and Gardner 2018, arXiv:1710.10723 (summed span likelihood).
 */
export function endLoss(
  startLogits: tf.Tensor2D,
  endLogits: tf.Tensor2D,
  mask: tf.Tensor2D,
  spans: SpanLists,
): EndLossResult {
  const logProbs = pick(logSoftmax(startLogits, mask), spans.starts).add(
    pick(logSoftmax(endLogits, mask), spans.ends),
  );
  const covered = spans.valid.max(-1) as tf.Tensor1D;
  const losses = logSumExp(maskLogits(logProbs, spans.valid)).squeeze([-1]).neg().mul(covered);
  return { losses: losses as tf.Tensor1D, covered };
}

function logSoftmax(logits: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const masked = maskLogits(logits, mask);
  return masked.sub(logSumExp(masked));
}

function pick(values: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D {
  return selectRows(values.expandDims(-1), index).squeeze([-1]);
}

import * as tf from "@tensorflow/tfjs";
import type { SpanLists } from "../losses/endLoss";

/**
 * The spans of the text and, behind them, those of one result.
 *
 * @param result Of the candidate that was chosen, `[batch, 3 * resultSpans]`: all starts, all ends, then 1 where there is
 *   a span.
 */
export function withResultSpans(text: SpanLists, result: tf.Tensor2D): SpanLists {
  const [batch, width] = result.shape;
  const count = width / 3;
  const part = (index: number) => result.slice([0, index * count], [batch, count]);
  return {
    starts: tf.concat([text.starts, part(0).cast("int32")], 1) as tf.Tensor2D,
    ends: tf.concat([text.ends, part(1).cast("int32")], 1) as tf.Tensor2D,
    valid: tf.concat([text.valid, part(2)], 1) as tf.Tensor2D,
  };
}

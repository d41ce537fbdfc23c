import { logSumExp, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { show } from "../internal/show";
import { type Dist, isTensor, type LogProbs, Support } from "./dist";

/**
 * A new random variable over `values`, independent of all others: softmax of the logits.
 *
 * @param values The support: plain values, each once, at least one.
 * @param logits Unnormalised log-probabilities in nats: a float32 tensor `[batch, values]`, or for double precision one
 *   array `[values]` for each example. -Infinity gives a value probability 0; one of each row must be finite.
 * @throws SymgradError `E_SHAPE` if a row has another length than `values`; `E_USAGE` for a value twice or a value that
 *   is no plain data.
 * @example categorical([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], network.apply(image)); // a digit
 */
export function categorical<T>(values: readonly T[], logits: tf.Tensor2D): Dist<T>;
export function categorical<T>(
  values: readonly T[],
  logits: readonly Float64Array[],
): Dist<T, readonly Float64Array[]>;
export function categorical<T>(values: readonly T[], logits: LogProbs): Dist<T, LogProbs> {
  const support = new Support([...values]);
  const shape = isTensor(logits) ? logits.shape : [logits.length, rowLength(logits, values.length)];
  if (shape.length !== 2 || shape[1] !== support.size || support.size === 0) {
    throw new SymgradError(
      "E_SHAPE",
      `categorical: \`logits\` must have shape [batch, ${support.size}], one for each of at least one value, got ${show(shape)}.`,
    );
  }
  const logProbs = isTensor(logits)
    ? (tf.tidy(() => tf.sub(logits, logSumExp(logits))) as tf.Tensor2D)
    : logits.map(logSoftmax);
  return { support, logProbs, variables: new Set([Symbol()]) };
}

/** The rows' length: the first that is not the wanted one, if any. */
function rowLength(rows: readonly Float64Array[], wanted: number): number {
  return rows.find((row) => row.length !== wanted)?.length ?? wanted;
}

function logSoftmax(logits: Float64Array): Float64Array {
  const peak = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - peak), 0);
  return logits.map((value) => value - peak - Math.log(total));
}

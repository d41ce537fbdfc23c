import { permutation, type RandomKey, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Prepared } from "../layer/prepare";
import type { ResultTokens } from "../layer/resultTokens";
import type { SymbolicLayer } from "../layer/symbolicLayer";

export interface UsageOptions {
  /** `[batch, candidates]`, float32, as for `layer.apply`; at least two examples. */
  scores: tf.Tensor2D;
  prepared: Prepared;
  /** Draws the permutation. */
  key: RandomKey;
  /**
   * Whether each example's answer is right when the network reads these tokens: `[batch]`, 1 or 0 (or any score where
   * more is better). Called twice, the own results first: with the layer's own results and with those of other examples.
   */
  evaluate: (tokens: ResultTokens) => tf.Tensor1D;
  /** The candidates that are right for each example, where known. */
  gold?: readonly (readonly number[])[];
}

/** Whether and how a network uses its symbolic function. Shares from 0 to 1. */
export interface UsageReport {
  readonly examples: number;
  /** Share of the examples with gold candidates for which the most probable candidate is one; undefined without any. */
  readonly argumentAccuracy: number | undefined;
  /** Mean entropy of the choice in nats: 0 is certain. */
  readonly entropy: number;
  /** Mean entropy of a uniform choice among the same candidates, in nats: what `entropy` is to be compared with. */
  readonly uniformEntropy: number;
  /** Mean of `evaluate` with the layer's own results. */
  readonly accuracy: number;
  /** The same when every example reads the result of another one. */
  readonly permutedAccuracy: number;
  /** accuracy - permutedAccuracy: near 0, the network does not use the function, whatever its accuracy. */
  readonly drop: number;
}

/**
 * Asks whether a network really uses its function: how often it asks for the right arguments, how sure it is, and what
 * becomes of its answers when every example reads another example's result. Without noise.
 *
 * @throws SymgradError `E_RANGE` for fewer than two examples; `E_SHAPE` if `evaluate` does not give `[batch]`.
 */
export function usage(layer: SymbolicLayer, options: UsageOptions): UsageReport {
  const { scores, prepared, key, evaluate, gold } = options;
  const { inputs } = prepared;
  const [batch] = inputs.mask.shape;
  if (batch < 2) {
    throw new SymgradError("E_RANGE", `usage: at least two examples are needed to permute, got ${batch}.`);
  }
  return tf.tidy(() => {
    const { choice, tokens } = layer.apply(scores, prepared);
    const others = tf.tensor1d(otherExamples(key, batch), "int32");
    const swapped = layer.read(
      {
        ...choice,
        index: tf.gather(choice.index, others),
        weights: tf.gather(choice.weights, others),
        empty: tf.gather(choice.empty, others),
      },
      {
        ids: tf.gather(inputs.ids, others),
        lengths: tf.gather(inputs.lengths, others),
        mask: tf.gather(inputs.mask, others),
      },
    );
    const score = (read: ResultTokens) => {
      const right = evaluate(read);
      if (right.rank === 1 && right.shape[0] === batch) return tf.mean(right).dataSync()[0]!;
      throw new SymgradError(
        "E_SHAPE",
        `usage: \`evaluate\` must give [batch] = [${batch}], got [${right.shape.join(", ")}].`,
      );
    };
    const [accuracy, permutedAccuracy] = [score(tokens), score(swapped)];
    return {
      examples: batch,
      argumentAccuracy: gold && shareOfGold(choice.index.dataSync(), gold),
      ...entropies(choice.probs.dataSync(), inputs.mask.dataSync(), batch),
      accuracy,
      permutedAccuracy,
      drop: accuracy - permutedAccuracy,
    } as unknown as tf.TensorContainer;
  }) as unknown as UsageReport;
}

/** Another example for each example: neighbors in a random circle. */
function otherExamples(key: RandomKey, batch: number): Int32Array {
  const circle = permutation(key, batch);
  const others = new Int32Array(batch);
  for (const [place, example] of circle.entries()) others[example] = circle[(place + 1) % batch]!;
  return others;
}

function shareOfGold(chosen: ArrayLike<number>, gold: readonly (readonly number[])[]): number | undefined {
  const known = gold.flatMap((right, example) =>
    right.length > 0 ? [right.includes(chosen[example]!)] : [],
  );
  return known.length === 0 ? undefined : known.filter(Boolean).length / known.length;
}

/** Means over the examples that have a candidate. */
function entropies(probs: ArrayLike<number>, mask: ArrayLike<number>, batch: number) {
  const candidates = probs.length / batch;
  let [entropy, uniformEntropy, some] = [0, 0, 0];
  for (let example = 0; example < batch; example++) {
    let allowed = 0;
    for (let i = example * candidates; i < (example + 1) * candidates; i++) {
      allowed += mask[i]!;
      if (probs[i]! > 0) entropy -= probs[i]! * Math.log(probs[i]!);
    }
    if (allowed === 0) continue;
    uniformEntropy += Math.log(allowed);
    some++;
  }
  return some === 0
    ? { entropy: 0, uniformEntropy: 0 }
    : { entropy: entropy / some, uniformEntropy: uniformEntropy / some };
}

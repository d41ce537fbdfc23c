import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { gumbelNoise } from "../noise/gumbelNoise";
import { allowedScores, rowMarks, softmaxOf } from "./allowedScores";
import { oneHotRows } from "./oneHotRows";
import { withoutGradient } from "./withoutGradient";

/** One sample per row, from softmax(logits) over the allowed candidates. Off the gradient tape, all of it. */
export interface Draw {
  /** int32 `[batch]`: 0 in an empty row. */
  index: tf.Tensor1D;
  /** D, `[batch, candidates]`: a zero row where nothing may be chosen, a row of NaN where an allowed logit is NaN. */
  oneHot: tf.Tensor2D;
  /** The logits, -Infinity where not allowed. */
  scores: tf.Tensor2D;
  /** The scores plus the Gumbel noise whose argmax is the sample. */
  perturbed: tf.Tensor2D;
  /** pi: softmax of the scores at temperature 1, zero rows where nothing may be chosen. Computed at each reading. */
  readonly probs: tf.Tensor2D;
  /** `[batch, 1]`: 1 where the row has an allowed candidate, else 0. */
  some: tf.Tensor2D;
  /** The same, and NaN where an allowed logit is NaN or +Infinity. */
  valid: tf.Tensor2D;
}

/** Draws by the Gumbel argmax; without a key the noise-free argmax, ties to the lowest index. */
export function draw(logits: tf.Tensor2D, mask?: tf.Tensor2D, key?: RandomKey): Draw {
  type Drawn = [tf.Tensor1D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const [index, oneHot, scores, perturbed, some, valid] = withoutGradient<Drawn>(() => {
    const scores = allowedScores(logits, mask);
    const noisy = key === undefined ? scores : tf.add<tf.Tensor2D>(scores, gumbelNoise(key, logits.shape));
    const { some, valid } = rowMarks(noisy);
    const index = tf.argMax(noisy, 1) as tf.Tensor1D;
    const oneHot = tf.mul<tf.Tensor2D>(oneHotRows(index, logits.shape[1]), valid);
    return [index, oneHot, scores, noisy, some, valid];
  });
  return {
    index,
    oneHot,
    scores,
    perturbed,
    get probs() {
      return withoutGradient<[tf.Tensor2D]>(() => [softmaxOf(scores, tf.scalar(1))])[0];
    },
    some,
    valid,
  };
}
